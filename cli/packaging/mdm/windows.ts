import { WINDOWS_POLICY } from '../../system/policy-registry.js';
import { EXECUTABLES, type Kit, type KitFile } from './kit.js';
import { managedSettings } from './managed-settings-json.js';
import { registryFile } from './registry-file.js';

/** The policy in the registry, and the scripts of an Intune Win32 app around install.ps1 of the release. */
export function windowsFiles(kit: Kit): KitFile[] {
  const policy = { key: WINDOWS_POLICY.key, values: { [WINDOWS_POLICY.value]: JSON.stringify(managedSettings(kit)) } };
  return [
    { path: 'windows/mcp-sso-policy.reg', content: registryFile(policy) },
    { path: 'windows/install.cmd', content: crlf(INSTALL) },
    { path: 'windows/uninstall.cmd', content: crlf(UNINSTALL) },
    { path: 'windows/detect.ps1', content: crlf(detect(kit.version)) },
  ];
}

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

/** `%~dp0`: the folder of the script, which Intune unpacks where only SYSTEM writes. */
const INSTALL = `@echo off
rem Install command of the Intune Win32 app; runs as SYSTEM. Beside it: mcp-sso-policy.reg and the folder release.
"%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0release\\install.ps1" -System -From "%~dp0release" || exit /b 1
"%SystemRoot%\\System32\\reg.exe" import "%~dp0mcp-sso-policy.reg" /reg:64 || exit /b 1
"${EXECUTABLES.windows}" setup --all-users || exit /b 1
`;

const UNINSTALL = `@echo off
rem Uninstall command of the Intune Win32 app; runs as SYSTEM.
if exist "${EXECUTABLES.windows}" "${EXECUTABLES.windows}" setup --all-users --remove
"%SystemRoot%\\System32\\reg.exe" delete "${WINDOWS_POLICY.key}" /f /reg:64
"%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0release\\install.ps1" -System -Uninstall || exit /b 1
`;

const detect = (
  version: string,
): string => `# Detection rule of the Intune Win32 app: something on stdout and exit code 0 mean that it is installed.
$found = & '${EXECUTABLES.windows}' version 2>$null
if ($LASTEXITCODE -eq 0 -and $found -eq '${version}') { Write-Output $found; exit 0 }
exit 1
`;
