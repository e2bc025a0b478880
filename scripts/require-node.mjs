// Run first by every script that needs the project's own Node. Free of dependencies; runs on any Node.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `This needs Node 24, but ${process.execPath} is ${process.version}. ` +
      'Run it through npm (npm run …, npx …) after `npm ci`: npm puts the project’s own Node 24 first on PATH.',
  );
  process.exit(1);
}
