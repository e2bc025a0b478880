/** Offsets in the file; cells are addressed from the end of the base block. */
const HBIN = 0x1000;
const ROOT = 0x20;
const SECURITY = 0x80;
const FREE = 0xb0;
const NONE = 0xff_ff_ff_ff;

/** A registry hive with a root key and nothing in it: base block, one hbin, an nk cell, its sk cell, the rest free. */
export function emptyHive(): Buffer {
  const hive = Buffer.alloc(0x2000);
  baseBlock(hive.subarray(0, HBIN));
  const bin = hive.subarray(HBIN);
  bin.write('hbin', 0, 'latin1');
  bin.writeUInt32LE(0x1000, 8);
  bin.writeInt32LE(-(SECURITY - ROOT), ROOT);
  rootKey(bin.subarray(ROOT + 4));
  bin.writeInt32LE(-(FREE - SECURITY), SECURITY);
  securityDescriptor(bin.subarray(SECURITY + 4));
  bin.writeInt32LE(0x1000 - FREE, FREE);
  return hive;
}

function baseBlock(block: Buffer): void {
  block.write('regf', 0, 'latin1');
  // Both sequence numbers, version 1.5, format, root cell, length of the bins, cluster.
  const numbers = { 0x04: 1, 0x08: 1, 0x14: 1, 0x18: 5, 0x20: 1, 0x24: ROOT, 0x28: 0x1000, 0x2c: 1 };
  for (const [offset, value] of Object.entries(numbers)) block.writeUInt32LE(value, Number(offset));
  let checksum = 0;
  for (let offset = 0; offset < 0x1fc; offset += 4) checksum ^= block.readUInt32LE(offset);
  block.writeUInt32LE(checksum >>> 0, 0x1fc);
}

function rootKey(key: Buffer): void {
  key.write('nk', 0, 'latin1');
  key.writeUInt16LE(0x2c, 2);
  // No subkeys, no values, no class; the security descriptor.
  const numbers = { 0x1c: NONE, 0x20: NONE, 0x28: NONE, 0x2c: SECURITY, 0x30: NONE };
  for (const [offset, value] of Object.entries(numbers)) key.writeUInt32LE(value, Number(offset));
  key.writeUInt16LE(4, 0x48);
  key.write('ROOT', 0x4c, 'latin1');
}

function securityDescriptor(cell: Buffer): void {
  cell.write('sk', 0, 'latin1');
  const numbers = { 0x04: SECURITY, 0x08: SECURITY, 0x0c: 1, 0x10: 20 };
  for (const [offset, value] of Object.entries(numbers)) cell.writeUInt32LE(value, Number(offset));
  cell.writeUInt8(1, 0x14);
  cell.writeUInt16LE(0x8000, 0x16);
}
