// What every JavaScript client is taken through, whichever it is.
import assert from 'node:assert/strict';

/** The value of a tool's answer: its structured content, which its text repeats. */
function value(result) {
  assert.notEqual(result.isError, true, JSON.stringify(result.content));
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
  return result.structuredContent;
}

/** Takes a client through it. `list()` answers tools, `call(name, arguments)` a result. */
export async function steps({ list, call }) {
  const tools = await list();
  const names = tools.map((tool) => tool.name);
  for (const name of ['list_controls', 'find_tools', 'run_read_tool', 'run_write_tool']) {
    assert.ok(names.includes(name), `${name} is not listed`);
  }
  for (const tool of tools) {
    assert.equal(tool.inputSchema.type, 'object', tool.name);
    assert.equal(typeof tool.annotations.readOnlyHint, 'boolean', tool.name);
  }

  const frameworks = value(await call('list_frameworks', {}));
  assert.ok(frameworks.items.some((framework) => framework.id === 'soc2'));

  const found = value(await call('find_tools', { query: 'questions about the trust center that visitors ask often' }));
  assert.ok(found.items.some((tool) => tool.name === 'list_trust_center_faqs'), JSON.stringify(found.items));
  const run = { tool: 'list_trust_center_faqs', arguments: { slugId: 'quillmere' } };
  assert.ok(value(await call('run_read_tool', run)).count > 0);

  const preview = value(await call('terminate_panel_account', { user: 'baker' }));
  assert.equal(preview.changed, false);
  const refused = await call('terminate_panel_account', { user: 'baker', confirm: 'yes' });
  assert.equal(refused.isError, true);
  assert.match(refused.content[0].text, /nothing was changed/);
  const accounts = async () => value(await call('list_panel_accounts', {})).items.map((account) => account.user);
  assert.ok((await accounts()).includes('baker'), 'a preview changes nothing');
  value(await call('terminate_panel_account', { user: 'baker', confirm: 'baker' }));
  assert.ok(!(await accounts()).includes('baker'), 'what was confirmed is done');
}

/** An attempt without a good token has to fail with 401, which each transport tells in its own way. */
export async function refused(connect) {
  await assert.rejects(connect, (error) => {
    const told = [error.code, error.data?.status, String(error)];
    return told.some((part) => /401|unauthorized/i.test(String(part)));
  });
}
