import { claudeCodeFiles } from './claude-code.js';
import { claudeDesktopFiles } from './claude-desktop.js';
import { codexFiles } from './codex.js';
import { cursorFiles } from './cursor.js';
import { requirePlainKit, type Kit, type KitFile } from './kit.js';
import { linuxFiles } from './linux.js';
import { linuxPackageFiles } from './linux-packages.js';
import { macosFiles } from './macos.js';
import { mcpbFiles } from './mcpb.js';
import { readmeFile } from './readme.js';
import { vsCodeFiles } from './vs-code.js';
import { windowsFiles } from './windows.js';
import { windsurfFiles } from './windsurf.js';

/** Every file of the kit; the same settings give the same bytes. Throws CodedError usage. */
export function kitFiles(kit: Kit): KitFile[] {
  requirePlainKit(kit);
  return [
    readmeFile(kit),
    ...linuxFiles(kit),
    ...linuxPackageFiles(kit),
    ...macosFiles(kit),
    ...windowsFiles(kit),
    ...claudeCodeFiles(),
    ...claudeDesktopFiles(kit),
    ...mcpbFiles(kit),
    ...vsCodeFiles(),
    ...cursorFiles(),
    ...windsurfFiles(),
    ...codexFiles(kit),
  ];
}
