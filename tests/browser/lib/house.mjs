// The real program with a fresh demo city, in a folder of its own and on ports of its own.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const binary = process.env.MADOGUCHI_BINARY ?? join(root, 'target/release/madoguchi');

/** A name that is neither loopback nor encrypted: browsers send less to it than to localhost. */
export const plainHost = 'madoguchi.test';

const START_LIMIT = 30_000;
const STOP_LIMIT = 10_000;

/** Makes a demo city and serves it. `address` and `staff` are the faces' origins. */
export async function openHouse() {
  const folder = mkdtempSync(join(tmpdir(), 'madoguchi-browser-'));
  try {
    return await serve(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function serve(folder) {
  const demo = spawnSync(binary, ['demo', folder], { encoding: 'utf8', timeout: START_LIMIT });
  if (demo.status !== 0) {
    throw new Error(`${binary} demo failed (${demo.status}): ${demo.error ?? demo.stderr}`);
  }
  const config = join(folder, 'madoguchi.toml');
  const cities = readFileSync(config, 'utf8').replace('"localhost"', `"localhost", "${plainHost}"`);
  // Port 0 takes a free port; the program says which. The trusted proxy lets every visitor of a
  // test come from an address of its own, so that rate limits bind each alone.
  const listen = ['public', 'staff'].map((face) => `[[listen]]\naddress = "127.0.0.1:0"\nfaces = ["${face}"]\n`);
  writeFileSync(config, ['trusted_proxies = ["127.0.0.1"]', cities, ...listen].join('\n'));

  const program = spawn(binary, ['serve', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  program.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  program.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  const ended = new Promise((resolve) => program.once('exit', (code, signal) => resolve({ code, signal })));
  // If the tests themselves are ended, the program goes with them.
  const withUs = () => {
    program.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const endOfUs = () => process.exit(1);
  process.once('exit', withUs).once('SIGTERM', endOfUs).once('SIGINT', endOfUs);

  const port = (face) => said.out.match(new RegExp(`${face}\\s+http://[^:]+:(\\d+)/`))?.[1];
  const until = Date.now() + START_LIMIT;
  while (!(port('citizens') && port('operation'))) {
    const end = await Promise.race([ended, pause(20)]);
    if (end || Date.now() > until) {
      program.kill('SIGKILL');
      throw new Error(`madoguchi serve did not start (${JSON.stringify(end ?? 'no answer')}): ${said.out}${said.err}`);
    }
  }
  const house = {
    address: `http://127.0.0.1:${port('citizens')}`,
    staff: `http://127.0.0.1:${port('operation')}`,
    /** What the program has logged so far. */
    log: () => said.err,
    /** Ends the program as an operator does; it must go by itself, in time and without a fault. */
    async close() {
      program.kill('SIGTERM');
      const end = await Promise.race([ended, pause(STOP_LIMIT)]);
      if (!end) {
        program.kill('SIGKILL');
        await ended;
      }
      process.off('exit', withUs).off('SIGTERM', endOfUs).off('SIGINT', endOfUs);
      rmSync(folder, { recursive: true, force: true });
      if (end?.code !== 0) {
        throw new Error(`madoguchi serve did not end well on SIGTERM: ${JSON.stringify(end ?? 'still running')}\n${said.err}`);
      }
      if (/ ERROR |panicked/.test(said.err)) {
        throw new Error(`madoguchi logged a fault:\n${said.err}`);
      }
    },
  };
  const health = await fetch(`${house.staff}/health`, { signal: AbortSignal.timeout(START_LIMIT) });
  if (health.status !== 200) {
    await house.close();
    throw new Error(`/health answers ${health.status}`);
  }
  return house;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
