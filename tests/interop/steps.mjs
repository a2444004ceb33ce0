// What every JavaScript client is taken through, whichever it is.
import assert from 'node:assert/strict';

/** The value of a tool's answer: its structured content, which its text repeats. */
function value(result) {
  assert.notEqual(result.isError, true, JSON.stringify(result.content));
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  return result.structuredContent;
}

/**
 * Takes a client through it. `list()` answers tools, `call(name, arguments)` a result. Where nothing is `lasting` from one
 * call to the next, what was done cannot be looked at afterwards.
 */
export async function steps({ list, call, lasting = true }) {
  const tools = await list();
  const names = tools.map((tool) => tool.name);
  for (const name of ['list_controls', 'find_tools', 'run_read_tool', 'run_write_tool']) {
    assert.ok(names.includes(name), `${name} is not listed`);
  }
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, 'object', tool.name);
    assert.equal(typeof tool.annotations.readOnlyHint, 'boolean', tool.name);
  }

  // The client refuses an answer that is not what the tool's output schema says.
  for (const [name, forms] of [
    ['list_controls', [{}, { format: 'table' }, { pageSize: 1 }, { countOnly: true }, { groupBy: 'source' }, { jq: 'length' },
      { jq: 'map(.id)' }, { all: true, maxChars: 1000 }]],
    ['failing_controls', [{ framework: 'SOC 2' }]],
    ['vendor_overview', [{}, { vendor: 'Okta' }]],
    ['panel_overview', [{}]],
  ]) {
    const tool = tools.find((tool) => tool.name === name);
    assert.equal(tool.outputSchema?.type, 'object', name);
    for (const form of forms) value(await call(name, form));
  }
  assert.equal((await call('failing_controls', { framework: 'No such framework' })).isError, true);

  const greatest = value(await call('top_risks', { n: 3 }));
  assert.equal(greatest.top.rows.length, 3);

  const hidden = 'list_trust_center_faqs';
  assert.ok(!names.includes(hidden), `${hidden} is listed, so that finding it shows nothing`);
  const found = value(await call('find_tools', { query: 'questions about the trust center that visitors ask often' }));
  assert.ok(found.items.some((tool) => tool.name === hidden), JSON.stringify(found.items));
  const run = { tool: hidden, arguments: { slugId: 'quillmere' } };
  assert.ok(value(await call('run_read_tool', run)).count > 0);

  const there = async () => value(await call('find_panel_account', { account: 'baker' })).matches === 1;
  const preview = value(await call('terminate_panel_account', { user: 'baker' }));
  assert.equal(preview.changed, false);
  assert.deepEqual(preview.targets, ['baker']);
  assert.ok(await there(), 'a preview changes nothing');
  const wrong = await call('terminate_panel_account', { user: 'baker', confirm: 'yes' });
  assert.equal(wrong.isError, true);
  assert.match(wrong.content[0].text, /nothing was changed/);
  assert.ok(await there(), 'a wrong confirmation changes nothing');
  const confirmed = { user: 'baker', confirm: 'baker', confirmation: preview.confirmation };
  // Where each call has a server of its own, none knows what another showed.
  if (lasting) assert.equal(value(await call('terminate_panel_account', confirmed)).terminated, true);
  const again = await call('terminate_panel_account', confirmed);
  assert.equal(again.isError, true, 'a confirmation is good for one call');
  if (lasting) assert.ok(!(await there()), 'what was confirmed is done');
}

/**
 * An attempt with a wrong token has to fail, and by 401. `connect(fetch)` makes it; clients tell of the status each in their
 * own way or not at all, so that it is taken from the answers themselves.
 */
export async function refused(connect) {
  const statuses = new Set();
  const watched = async (...request) => {
    const response = await fetch(...request);
    statuses.add(response.status);
    return response;
  };
  await assert.rejects(connect(watched));
  assert.deepEqual([...statuses], [401]);
}
