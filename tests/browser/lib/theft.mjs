// A thief: takes every file of the house, its log and a backup, and looks for known secrets in whatever way they might
// have been written.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';

/** Every way in which a program might have written words down. */
export function forms(words) {
  const utf8 = Buffer.from(words, 'utf8');
  const escaped = [...words].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const percent = encodeURIComponent(words);
  const ways = [utf8, Buffer.from(words, 'utf16le'), Buffer.from(words, 'utf16le').swap16(), Buffer.from(escaped), Buffer.from(percent), Buffer.from(percent.toLowerCase()), Buffer.from(utf8.toString('hex'))];
  // Base64 looks different at each of three offsets; its inner part is the same.
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), utf8]);
    for (const way of ['base64', 'base64url']) {
      const text = padded.toString(way).replace(/=+$/, '');
      ways.push(Buffer.from(text.slice(before ? 4 : 0, -3)));
    }
  }
  return ways.filter((way) => way.length >= 6);
}

/** Every file under a folder, with its bytes, unpacked where it is packed. */
function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* files(path);
    } else if (statSync(path).isFile()) {
      const bytes = readFileSync(path);
      yield { path, bytes };
      for (const unpack of [zlib.gunzipSync, zlib.inflateSync]) {
        try {
          yield { path: `${path} (unpacked)`, bytes: unpack(bytes) };
        } catch {
          // It is not packed in this way.
        }
      }
    }
  }
}

/** Where a secret is found: name of the secret and of the place. `loot` is `[place, bytes]`, beside the files of `folder`. */
export function search(folder, loot, secrets) {
  const found = [];
  let bytes = 0;
  const places = [...files(folder), ...loot.map(([path, text]) => ({ path, bytes: Buffer.from(text) }))];
  for (const place of places) {
    bytes += place.bytes.length;
    for (const [name, words] of Object.entries(secrets)) {
      if (forms(words).some((way) => place.bytes.includes(way))) {
        found.push(`${name} in ${place.path}`);
      }
    }
  }
  return { found, places: places.map((place) => place.path), bytes };
}

/** Makes a backup beside the city. */
export function backUp(binary, config, target) {
  const made = spawnSync(binary, ['backup', '--config', config, target], { encoding: 'utf8' });
  if (made.status !== 0) {
    throw new Error(`backup failed (${made.status}): ${made.stderr}`);
  }
}
