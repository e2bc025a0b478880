import type { FaultForm } from '../finding.js';

/** What can be wrong with settings, program, AI apps, keychain and folders of this computer. */
export const LAPTOP_FAULTS = {
  settings: {
    settings_unreadable: {
      state: 'failed',
      code: 'config_invalid',
      text: 'The settings cannot be used. {problem}',
      fix: { person: 'you', task: 'Correct that file; one in the care of your administrator, let them correct.' },
    },
    no_control_plane: {
      state: 'failed',
      code: 'config_invalid',
      text: 'No control plane is set.',
      fix: { command: 'mcp-sso login --url https://mcp.example.com' },
    },
    setting_ignored: {
      state: 'warning',
      code: 'config_invalid',
      text: '{by} asks for another {setting} in vain: {file} sets it, and lets nobody override it.',
      fix: { person: 'you', task: 'Remove {by}, or ask your administrator to name {setting} in "overridable".' },
    },
    control_plane_unnamed: {
      state: 'warning',
      code: 'config_invalid',
      text: 'Neither you nor your administrator has named {origin} yet, so no AI app starts a sign-in there.',
      fix: { command: 'mcp-sso login --url {origin}' },
    },
  },
  program: {
    path_with_space: {
      state: 'warning',
      code: 'config_invalid',
      text: 'The path of this program has a space ({path}), and some AI apps cannot start it.',
      fix: { person: 'you', task: 'Move it to a folder without one, then run: mcp-sso setup' },
    },
    another_on_path: {
      state: 'warning',
      code: 'config_invalid',
      text: 'Your PATH leads to another mcp-sso ({path}) than this one ({own}).',
      fix: { person: 'you', task: 'Remove the one that you don’t want, then run: mcp-sso setup' },
    },
  },
  'windows-runtime': {
    runtime_missing: {
      state: 'failed',
      code: 'credential_store',
      text: 'Windows has no {file}, without which the keychain cannot be used.',
      fix: { person: 'administrator', task: 'Install the Microsoft Visual C++ Redistributable (2015 or later).' },
    },
  },
  'app-config': {
    no_app: {
      state: 'warning',
      code: 'config_invalid',
      text: 'No AI app was found here.',
      fix: { command: 'mcp-sso setup claude-desktop' },
    },
    no_app_set_up: {
      state: 'failed',
      code: 'config_invalid',
      text: 'None of the AI apps here starts mcp-sso ({apps}).',
      fix: { command: 'mcp-sso setup' },
    },
    config_unreadable: {
      state: 'failed',
      code: 'config_invalid',
      text: '{app} cannot be read: {file}: {problem}.',
      fix: { person: 'you', task: 'Correct the file, then run: mcp-sso setup {id}' },
    },
    entry_missing: {
      state: 'warning',
      code: 'config_invalid',
      text: '{app} does not start mcp-sso: {file} has no entry for it.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    entry_invalid: {
      state: 'failed',
      code: 'config_invalid',
      text: '{app}: the entry mcp-sso in {file} does not start the bridge.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_missing: {
      state: 'failed',
      code: 'config_invalid',
      text: '{app} starts {path}, which is not there.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_not_executable: {
      state: 'failed',
      code: 'config_invalid',
      text: '{app} starts {path}, which this account may not run.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_relative: {
      state: 'warning',
      code: 'config_invalid',
      text: '{app} looks for {path} in its own PATH, which need not be that of your terminal.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_other: {
      state: 'warning',
      code: 'config_invalid',
      text: '{app} starts {path}, which is not this program ({own}).',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_version: {
      state: 'warning',
      code: 'config_invalid',
      text: '{app} starts {path}, which is version {version}; this is {own}.',
      fix: { command: 'mcp-sso setup {id}' },
    },
    program_space: {
      state: 'warning',
      code: 'config_invalid',
      text: '{app} may not be able to start {path}, because of the space in it.',
      fix: { person: 'you', task: 'Move mcp-sso to a folder without a space, then run: mcp-sso setup {id}' },
    },
  },
  'credential-store': {
    keychain_missing: {
      state: 'failed',
      code: 'credential_store',
      text: 'The key to your sign-ins should be in the keychain, and this session has none.',
      fix: { command: 'mcp-sso login --credential-store file' },
    },
    keychain_locked: {
      state: 'failed',
      code: 'credential_store',
      text: 'The keychain of this computer is locked, or refuses this program.',
      fix: { person: 'you', task: 'Unlock the keychain, then run: mcp-sso doctor' },
    },
    keychain_hanging: {
      state: 'failed',
      code: 'credential_store',
      text: 'The keychain of this computer did not answer within 3 seconds; it may be asking you something.',
      fix: { person: 'you', task: 'Answer what the keychain asks, or sign out of the desktop and in again.' },
    },
    memory_only: {
      state: 'warning',
      code: 'credential_store',
      text: 'Sign-ins are kept in memory only ({because}), so each AI app asks you again when it starts.',
      fix: { command: 'mcp-sso login --credential-store file' },
    },
    sign_ins_unreadable: {
      state: 'failed',
      code: 'credential_store',
      text: 'The saved sign-ins cannot be opened. {problem}',
      fix: { command: 'mcp-sso logout --all' },
    },
  },
  folders: {
    folder_foreign: {
      state: 'failed',
      code: 'credential_store',
      text: '{folder} belongs to another account.',
      fix: { person: 'administrator', task: 'Give {folder} and what is in it to this account.' },
    },
    folder_open: {
      state: 'warning',
      code: 'credential_store',
      text: 'Other accounts of this computer can look into {folder}.',
      fix: { command: 'chmod 700 "{folder}"' },
    },
    folder_unwritable: {
      state: 'failed',
      code: 'credential_store',
      text: '{folder} cannot be written ({reason}).',
      fix: { person: 'you', task: 'Check who owns it, and whether its disk is mounted read-only.' },
    },
    folder_remote: {
      state: 'warning',
      code: 'credential_store',
      text: '{folder} is on a network drive ({kind}), where locks between processes may not hold.',
      fix: { person: 'you', task: 'Set XDG_STATE_HOME to a folder on a disk of this computer.' },
    },
    disk_full: {
      state: 'failed',
      code: 'credential_store',
      text: 'The disk of {folder} has {free} KiB left.',
      fix: { person: 'you', task: 'Make room on it.' },
    },
    lock_held: {
      state: 'failed',
      code: 'credential_store',
      text: 'Another process has held the lock {file} for over {seconds} seconds.',
      fix: { person: 'you', task: 'Quit your AI apps, end every mcp-sso, and start them again.' },
    },
    lock_unusable: {
      state: 'failed',
      code: 'credential_store',
      text: 'The locks of the state folder cannot be had. {problem}',
      fix: { person: 'you', task: 'Check who owns the folder, and whether the disk is full.' },
    },
  },
  bridges: {
    bridge_orphaned: {
      state: 'warning',
      code: 'internal',
      text: 'The bridge with process id {pid} goes on although the AI app that started it is gone.',
      fix: { command: 'kill {pid}' },
    },
    bridge_replaced: {
      state: 'warning',
      code: 'internal',
      text: 'The bridge with process id {pid} runs a version that has been replaced since.',
      fix: { person: 'you', task: 'Restart the AI app that started it.' },
    },
  },
} as const satisfies Record<string, Record<string, FaultForm>>;
