// The Inspector's web page in a real browser, driven as a person would:
// inspector-web.mjs SCREENSHOT CHROMIUM legacy|modern stdio BINARY | http URL TOKEN
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [screenshot, executablePath, generation, kind, where, token] = process.argv.slice(2);

const PATIENCE = 30_000;

/** A port that is free now. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => probe.once('listening', ready));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** Starts the page's server and answers its process and address. */
async function inspector(home) {
  const server =
    kind === 'stdio'
      ? ['--', where, 'serve', '--demo', '--access', 'destroy']
      : ['--server-url', where, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
  const child = spawn('mcp-inspector', ['--web', '--protocol-era', generation, ...server], {
    env: {
      ...process.env,
      CLIENT_PORT: String(await freePort()),
      HOME: home,
      HOST: '127.0.0.1',
      MCP_AUTO_OPEN_ENABLED: 'false',
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    },
  });
  let told = '';
  const url = new Promise((found, failed) => {
    const hear = (piece) => {
      told += piece;
      const match = told.match(/http:\/\/127\.0\.0\.1:\d+\S*TOKEN=\S+/);
      if (match) found(match[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => failed(new Error(`the Inspector ended: ${told}`)));
    setTimeout(() => failed(new Error(`the Inspector does not start: ${told}`)), PATIENCE).unref();
  });
  return { child, url: await url };
}

const home = mkdtempSync(join(tmpdir(), 'inspector-'));
const { child, url } = await inspector(home);
// What a browser does by itself would reach for the network, which the test has nothing to do with.
const quiet = ['disable-background-networking', 'disable-component-update', 'disable-quic', 'disable-sync'];
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet.map((name) => `--${name}`)],
});
try {
  const page = await browser.newPage({ viewport: { width: 1500, height: 1100 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  await page.getByRole('switch', { name: /Connect or disconnect/ }).click({ force: true });
  const version = generation === 'modern' ? '2026-07-28' : '2025-11-25';
  await page.getByText(`MCP ${version}`).waitFor();

  await page.getByRole('radiogroup').first().getByText('Tools', { exact: true }).click();
  const main = page.getByRole('main');
  for (const name of ['list_controls', 'find_tools', 'run_write_tool']) {
    await main.getByRole('button', { name }).first().waitFor();
  }

  /** Chooses a tool, fills in what is given, runs it, waits until the results show a text, and answers what closes them. */
  const run = async (name, fields, expected) => {
    await main.getByRole('button', { name }).first().click();
    for (const [field, value] of Object.entries(fields)) {
      await main.getByRole('textbox', { name: field, exact: true }).fill(value);
    }
    await main.getByRole('button', { name: 'Execute Tool' }).click();
    const results = main.locator('xpath=//*[normalize-space(text())="Results"]');
    await results.waitFor();
    await main.getByText(expected).first().waitFor();
    return results.locator('xpath=preceding::button[1]');
  };
  // Results stand where the form was, until they are closed.
  await (await run('list_frameworks', {}, /"soc2"/)).click();
  const preview = await run('terminate_panel_account', { user: 'baker' }, /Nothing has been changed/);
  await page.screenshot({ path: screenshot.replace('.png', '-preview.png') });
  await preview.click();
  const done = await run('terminate_panel_account', { user: 'baker', confirm: 'baker' }, /"terminated"/);
  await page.screenshot({ path: screenshot });
  await done.click();
  await run('list_panel_accounts', {}, /northroad-cycles/);
  assert.equal(await main.getByText(/hillside-bakery/).count(), 0, 'the account is gone');
} catch (error) {
  const page = browser.contexts()[0]?.pages()[0];
  await page?.screenshot({ path: screenshot.replace('.png', '-failed.png') });
  throw error;
} finally {
  await browser.close();
  child.removeAllListeners('exit');
  child.kill();
  await new Promise((ended) => child.once('close', ended));
  rmSync(home, { recursive: true, force: true });
}
