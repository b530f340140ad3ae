// The real program with a fresh demo city, in a folder of its own and on ports of its own.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './words.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const binary = process.env.MADOGUCHI_BINARY ?? join(root, 'target/release/madoguchi');

/** A name that is neither loopback nor encrypted: browsers send less to it than to localhost. */
export const plainHost = 'madoguchi.test';

const START_LIMIT = 30_000;
const STOP_LIMIT = 10_000;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** libfaketime, found by the loader in its folder of this machine's kind. Debian package `faketime`. */
const CLOCK = '/usr/$LIB/faketime/libfaketime.so.1';

/**
 * Makes a demo city and serves it. `address` and `staff` are the faces' origins; they are others after `later`,
 * so a page's address is made when it is asked for.
 */
export async function openHouse({ log: level = 'info' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'madoguchi-browser-'));
  let program;
  let log = '';
  // If the tests themselves are ended, the program goes with them.
  const withUs = () => {
    program?.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const endOfUs = () => process.exit(1);
  process.once('exit', withUs).once('SIGTERM', endOfUs).once('SIGINT', endOfUs);
  const leave = () => {
    process.off('exit', withUs).off('SIGTERM', endOfUs).off('SIGINT', endOfUs);
    withUs();
  };

  /** How far the program's clock is ahead of the world, in seconds. */
  let ahead = 0;

  const house = {
    /** What the program's clock shows, in milliseconds. */
    now: () => Date.now() + ahead * 1000,
    /** The day in Japan, some days after the program's today, as fields for days take it. */
    day: (plus = 0) => new Date(house.now() + plus * DAY + 9 * HOUR).toISOString().slice(0, 10),
    /** The program, its configuration, and the folder with everything that the city keeps. */
    binary,
    folder,
    get config() {
      return config;
    },
    /** What the program has logged so far. */
    log: () => log + program.log(),
    /** The same city at ten in the morning or another time, days later: the program is ended and served again from its folder. */
    async later(days, time = '10:00') {
      const moment = Date.parse(`${house.day(days)}T${time}:00+09:00`);
      log += program.log();
      await program.end();
      ahead = Math.round((moment - Date.now()) / 1000);
      await serve();
    },
    /** The same city at ten in the morning of the next day on which its offices are open; it says itself which one that is. */
    async workday() {
      do {
        await house.later(1);
      } while (!(await (await fetch(`${house.address}/contacts/new`)).text()).includes(say('ja', 'open-now')));
    },
    /** Ends the program as an operator does; it must go by itself, in time and without a fault. */
    async close() {
      try {
        await program.end();
      } finally {
        leave();
      }
    },
  };
  async function serve() {
    program = start(config, ahead);
    const { citizens, operation } = await program.ports();
    house.address = `http://127.0.0.1:${citizens}`;
    house.staff = `http://127.0.0.1:${operation}`;
    const health = await fetch(`${house.staff}/health`, { signal: AbortSignal.timeout(START_LIMIT) });
    if (health.status !== 200) {
      throw new Error(`/health answers ${health.status}`);
    }
  }
  let config;
  try {
    config = found(folder, level);
    await serve();
  } catch (error) {
    leave();
    throw error;
  }
  return house;
}

/** Makes a demo city in a folder and gives its configuration. */
function found(folder, level) {
  const demo = spawnSync(binary, ['demo', folder], { encoding: 'utf8', timeout: START_LIMIT });
  if (demo.status !== 0) {
    throw new Error(`${binary} demo failed (${demo.status}): ${demo.error ?? demo.stderr}`);
  }
  const config = join(folder, 'madoguchi.toml');
  const cities = readFileSync(config, 'utf8').replace('"localhost"', `"localhost", "${plainHost}"`);
  // Port 0 takes a free port; the program says which. The trusted proxy lets every visitor of a
  // test come from an address of its own, so that rate limits bind each alone.
  const listen = ['"public"', '"staff", "desk", "partner"'].map((faces) => `[[listen]]\naddress = "127.0.0.1:0"\nfaces = [${faces}]\n`);
  writeFileSync(config, [`log = "${level}"`, 'trusted_proxies = ["127.0.0.1"]', cities, ...listen].join('\n'));
  return config;
}

/** Starts the program, with a clock that is so many seconds ahead. */
function start(config, ahead) {
  const clock = { LD_PRELOAD: CLOCK, FAKETIME: `+${ahead}`, FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' };
  const env = ahead ? { ...process.env, ...clock } : process.env;
  const child = spawn(binary, ['serve', '--config', config], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  const kill = () => child.kill('SIGKILL');
  const port = (face) => said.out.match(new RegExp(`${face}\\s+http://[^:]+:(\\d+)/`))?.[1];
  return {
    kill,
    log: () => said.err,
    async ports() {
      const until = Date.now() + START_LIMIT;
      while (!(port('citizens') && port('operation'))) {
        const end = await Promise.race([ended, pause(20)]);
        if (end || Date.now() > until) {
          kill();
          throw new Error(`madoguchi serve did not start (${JSON.stringify(end ?? 'no answer')}): ${said.out}${said.err}`);
        }
      }
      // The loader goes on without a library that is not there, and it would be today.
      if (said.err.includes('cannot be preloaded')) {
        kill();
        throw new Error(`no other day without libfaketime (Debian package faketime): ${said.err}`);
      }
      return { citizens: port('citizens'), operation: port('operation') };
    },
    async end() {
      child.kill('SIGTERM');
      const end = await Promise.race([ended, pause(STOP_LIMIT)]);
      if (!end) {
        kill();
        await ended;
      }
      if (end?.code !== 0) {
        throw new Error(`madoguchi serve did not end well on SIGTERM: ${JSON.stringify(end ?? 'still running')}\n${said.err}`);
      }
      if (/ ERROR |panicked/.test(said.err)) {
        throw new Error(`madoguchi logged a fault:\n${said.err}`);
      }
    },
  };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
