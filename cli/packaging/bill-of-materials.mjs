/**
 * The software bill of materials of an executable, as a CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/).
 * Without a time and a serial number: the same executable has the same document.
 */
export function billOfMaterials({ version, licence, file, sha256, components }) {
  const ref = `pkg:generic/mcp-sso@${version}`;
  const listed = components.map(listedComponent);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': ref,
        name: 'mcp-sso',
        version,
        purl: ref,
        licenses: licences(licence),
        hashes: [{ alg: 'SHA-256', content: sha256 }],
        properties: [{ name: 'mcp-sso:file', value: file }],
      },
    },
    components: listed,
    dependencies: [{ ref, dependsOn: listed.map((one) => one['bom-ref']) }],
  };
}

function listedComponent({ name, version, licence, integrity }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const content = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    licenses: licences(licence),
    // Of the package as the registry gives it.
    hashes: [{ alg: 'SHA-512', content }],
  };
}

function licences(expression) {
  return /[ ()]/.test(expression) ? [{ expression }] : [{ license: { id: expression } }];
}
