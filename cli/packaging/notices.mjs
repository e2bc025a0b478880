const RULE = '='.repeat(80);

/** The licence texts of all that is in an executable, as one document. Throws where one has none. */
export function noticesOf(components) {
  const parts = components.map(({ name, version, licence, texts }) => {
    if (texts.length === 0) throw new Error(`${name} ${version} (${licence}) brings no licence text. Add it by hand.`);
    return [RULE, `${name} ${version} (${licence})`, RULE, '', ...texts.map((text) => `${text.trim()}\n`)].join('\n');
  });
  return ['mcp-sso is made with the works of others. Their licences:\n', ...parts].join('\n');
}
