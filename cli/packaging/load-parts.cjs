// The first lines of the executable: they load the program's parts out of its own memory, each when it is first required.
const { getAsset } = require('node:sea');
const { compileFunction } = require('node:vm');

const loaded = new Map();

/** A part by `./name`, or a built-in module. A part that failed is tried again by whoever wants it next. */
function load(name) {
  if (!name.startsWith('./')) return require(name);
  const known = loaded.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  try {
    const source = getAsset(name.slice(2), 'utf8');
    compileFunction(source, ['exports', 'require', 'module'], { filename: name })(module.exports, load, module);
  } catch (error) {
    loaded.delete(name);
    throw error;
  }
  return module.exports;
}

load('./main.js');
