// The simulator as a process: `start()` gives what it tells of itself, and `ask` a command.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const folder = process.env.LINE_EXAMPLES;
if (!folder) throw new Error('LINE_EXAMPLES must name the folder of the built examples: use scripts/test-line');

export function run(example) {
  return spawn(`${folder}/${example}`, [], { stdio: ['pipe', 'pipe', 'inherit'] });
}

export async function start() {
  const process = run('simulator');
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  const told = await next();
  const ask = async (command) => {
    process.stdin.write(`${JSON.stringify(command)}\n`);
    return next();
  };
  const stop = () => process.stdin.end();
  return { ...told, ask, stop };
}

// All lines that an example prints.
export async function lines(example) {
  const process = run(example);
  process.stdin.end();
  const found = [];
  for await (const line of createInterface({ input: process.stdout })) found.push(JSON.parse(line));
  const code = process.exitCode ?? (await new Promise((done) => process.once('exit', done)));
  if (code !== 0) throw new Error(`${example} ended with ${code}`);
  return found;
}
