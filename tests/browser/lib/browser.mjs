// Chromium, and the people who use it.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { plainHost } from './house.mjs';
import { prefix } from './words.mjs';

/** Longest wait for anything that a page is to do. */
export const PATIENCE = 10_000;

const options = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
    // Nothing outside this machine is ever asked for.
    `--host-resolver-rules=MAP ${plainHost} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
  ],
  timeout: 30_000,
};

export const launch = () => chromium.launch(options);

let people = 0;

/**
 * A visitor with a browser window and an internet address of their own. `faults` gathers whatever the
 * browser complains about: broken policy, scripts, missing files, requests to other hosts.
 */
export async function visitor(browser, house, settings = {}) {
  const { lang = 'ja', origin = house.address, ...others } = settings;
  people += 1;
  const network = `2001:db8:0:${people.toString(16)}::1`;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: lang === 'en' ? 'en-GB' : 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    // Else a page still scrolls while it is looked at.
    reducedMotion: 'reduce',
    extraHTTPHeaders: { 'x-forwarded-for': network },
    ...others,
  });
  context.setDefaultTimeout(PATIENCE);
  await tryStyleSheet(context);
  const page = await context.newPage();
  const faults = watch(page);
  return {
    page,
    context,
    faults,
    lang,
    url: (path) => `${origin}${prefix[lang]}${path}`,
    go: (path) => page.goto(`${origin}${prefix[lang]}${path}`),
    leave: () => leave(context),
  };
}

/** Longest wait for the windows of a visitor to close. */
const CLOSING = 5_000;

/**
 * Closes the windows of a visitor. Chromium sometimes never says that it has closed a desk that keeps a draft while it
 * goes (a request that outlives its page); such a window goes with the browser.
 */
async function leave(context) {
  const patience = new Promise((done) => { setTimeout(done, CLOSING).unref(); });
  await Promise.race([context.close(), patience]);
}

/** MADOGUCHI_CSS=FILE shows a style sheet that is not built in yet. Not for journeys back: it switches the cache off. */
async function tryStyleSheet(context) {
  if (process.env.MADOGUCHI_CSS) {
    const body = readFileSync(process.env.MADOGUCHI_CSS, 'utf8');
    await context.route('**/assets/*/app.css', (route) => route.fulfill({ contentType: 'text/css; charset=utf-8', body }));
  }
}

function watch(page) {
  const faults = [];
  const refused = new Set();
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest();
    if (isPage && response.status() >= 400 && response.status() < 500) {
      // Chromium puts a line on the console for such a page, which is a page as any other.
      refused.add(response.url());
    } else if (response.status() >= 400) {
      faults.push(`${response.status()} for ${response.url()}`);
    }
  });
  page.on('console', (message) => {
    const expected = message.text().startsWith('Failed to load resource') && refused.has(message.location().url);
    if (['error', 'warning'].includes(message.type()) && !expected) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`script: ${error}`));
  page.on('requestfailed', (request) => {
    // A page that is left while it loads is no fault.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') {
      faults.push(`${request.failure()?.errorText} for ${request.url()}`);
    }
  });
  return faults;
}
