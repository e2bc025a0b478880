/** Shells that have a script. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** The command that each script asks, with the words up to the cursor after `--`. It prints one candidate a line. */
export const WORDS_COMMAND = 'complete-words';

/** What a shell has to read to complete `mcp-sso`. It asks the program of the line that is being typed. */
export const SCRIPTS: Record<Shell, string> = {
  bash: `_mcp_sso() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" ${WORDS_COMMAND} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mcp_sso mcp-sso
`,
  zsh: `#compdef mcp-sso
_mcp_sso() {
  local -a found
  found=(\${(f)"$("\${words[1]}" ${WORDS_COMMAND} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _mcp_sso mcp-sso
`,
  fish: `function __mcp_sso_complete
  set -l words (commandline -opc)
  $words[1] ${WORDS_COMMAND} -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c mcp-sso -a '(__mcp_sso_complete)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName mcp-sso -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
  $rest = @($words | Select-Object -Skip 1) + @($wordToComplete)
  & $words[0] ${WORDS_COMMAND} -- @rest 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`,
};
