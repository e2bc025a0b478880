# Installs mcp-sso on Windows, puts a newer one in its place, or removes it. The twin of install.sh.
#
#   powershell -ExecutionPolicy Bypass -File install.ps1 -From C:\path\to\release
#
# Nothing is installed unless the release's SHA256SUMS is signed (Ed25519) with the key below and names the SHA-256 of the
# executable. The copy of this script in a release has the key and the address; in the repository both are empty.
[CmdletBinding()]
param(
  [switch] $System,          # for everybody on this computer, in %ProgramData%\mcp-sso; needs an administrator
  [string] $Dir,             # in this folder
  [string] $From,            # a downloaded executable, or a folder of a release
  [string] $Release,         # the address where the files of a release are
  [string] $PublicKeyFile,   # checks with this key (ssh-ed25519) in place of the built-in one
  [switch] $AllowDowngrade,
  [switch] $Uninstall
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$SSH_PUBLIC_KEY = ''
$RELEASE_URL = ''

function Stop-Install([string] $Message) {
  throw "install.ps1: $Message"
}

function Get-Target {
  $folder = $Dir
  if ($System) {
    $identity = [Security.Principal.WindowsPrincipal] [Security.Principal.WindowsIdentity]::GetCurrent()
    if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
      Stop-Install '-System needs an administrator. Leave it out to install for yourself.'
    }
    if (-not $folder) { $folder = Join-Path $env:ProgramData 'mcp-sso' }
  } elseif (-not $folder) {
    $folder = Join-Path $env:LOCALAPPDATA 'Programs\mcp-sso'
  }
  Join-Path $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($folder) 'mcp-sso.exe'
}

function Assert-PlainTarget([string] $Target) {
  if (-not (Test-Path -LiteralPath $Target)) { return }
  $item = Get-Item -LiteralPath $Target -Force
  if ($item.PSIsContainer -or ($item.Attributes -band [IO.FileAttributes]::ReparsePoint)) {
    Stop-Install "$Target is not a plain file. Remove it, or install elsewhere with -Dir."
  }
}

# Who may write to the folder decides what everybody on this computer runs.
function Protect-SystemFolder([string] $Folder) {
  # SYSTEM and Administrators all, Users read and run; by their numbers, because names are translated.
  & icacls.exe $Folder /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-32-545:(OI)(CI)RX' | Out-Null
  if ($LASTEXITCODE -ne 0) { Stop-Install "The permissions of $Folder could not be set." }
}

function Get-ReleaseFile([string] $Name, [string] $Staging) {
  $to = Join-Path $Staging $Name
  if ($script:Address) {
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    Invoke-WebRequest -UseBasicParsing -Uri "$($script:Address)/$Name" -OutFile $to -TimeoutSec 3600
  } else {
    $file = Join-Path $script:SourceFolder $Name
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) {
      Stop-Install "$file is missing. It comes with the release; nothing is installed without it."
    }
    Copy-Item -LiteralPath $file -Destination $to
  }
  $to
}

# By OpenSSH, which is a part of Windows since 10 1809. Never passed over: without it nothing is installed.
function Assert-Signature([string] $Sums, [string] $Staging) {
  $key = $SSH_PUBLIC_KEY
  if ($PublicKeyFile) { $key = (Get-Content -LiteralPath $PublicKeyFile -TotalCount 1) }
  if ($key -notmatch '^ssh-ed25519 [A-Za-z0-9+/=]+') {
    Stop-Install 'There is no key to check the release with. Take the install.ps1 of a release, or give the key: -PublicKeyFile FILE'
  }
  $keygen = Get-Command ssh-keygen.exe -ErrorAction SilentlyContinue
  if (-not $keygen) {
    Stop-Install 'The signature cannot be checked: that takes ssh-keygen. Add the optional feature "OpenSSH Client" of Windows.'
  }
  $signature = Get-ReleaseFile 'SHA256SUMS.sshsig' $Staging
  $signers = Join-Path $Staging 'signers'
  [IO.File]::WriteAllText($signers, "mcp-sso $key`n")
  # By cmd: a pipe of PowerShell would change the bytes.
  $words = '""{0}" -Y verify -f "{1}" -I mcp-sso -n mcp-sso-release -s "{2}" < "{3}""' -f $keygen.Source, $signers, $signature, $Sums
  & cmd.exe /d /s /c $words 2>&1 | Out-Null
  if ($LASTEXITCODE -ne 0) {
    Stop-Install 'The signature of SHA256SUMS is wrong: the release was changed, or signed by somebody else. Nothing was installed.'
  }
}

function Test-Older([string] $One, [string] $Other) {
  $a, $b = ($One, $Other) | ForEach-Object { [version] ($_ -replace '[-+].*$') }
  if ($a -ne $b) { return $a -lt $b }
  ($One -match '-') -and (-not ($Other -match '-') -or [string]::CompareOrdinal($One, $Other) -lt 0)
}

function Install-Executable([string] $Target, [string] $Staging) {
  $sums = Get-ReleaseFile 'SHA256SUMS' $Staging
  Assert-Signature $sums $Staging
  $found = @([IO.File]::ReadAllText($sums) -split "`n" | Where-Object { $_ -cmatch '^[0-9a-f]{64}  mcp-sso-[0-9][0-9A-Za-z.+-]*-windows-x64\.exe$' })
  if ($found.Count -ne 1) { Stop-Install "SHA256SUMS names $($found.Count) executables for windows-x64, not one." }
  $hash, $name = $found[0] -split '  ', 2
  $version = $name -replace '^mcp-sso-' -replace '-windows-x64\.exe$'
  if ($script:Wanted -and $script:Wanted -cne $name) { Stop-Install "SHA256SUMS names $name for this computer, not $($script:Wanted)." }
  $there = Test-Path -LiteralPath $Target
  if ($there -and -not $AllowDowngrade) {
    $installed = & $Target version
    if ($LASTEXITCODE -eq 0 -and (Test-Older $version $installed)) {
      Stop-Install "Version $installed is installed, and $version is older. To install it all the same add -AllowDowngrade."
    }
  }
  $file = Get-ReleaseFile $name $Staging
  if ((Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash -ne $hash) {
    Stop-Install "$name is not what SHA256SUMS names: it was changed or is incomplete. Nothing was installed."
  }
  $says = & $file version
  if ($LASTEXITCODE -ne 0 -or $says -cne $version) { Stop-Install "$name does not run on this computer, or says another version: $says" }
  # Windows lets a running program be renamed, not replaced: bridges that run keep the old one until they end.
  $old = "$Target.old-$([guid]::NewGuid().ToString('N'))"
  if ($there) { Move-Item -LiteralPath $Target -Destination $old }
  try {
    Move-Item -LiteralPath $file -Destination $Target
  } catch {
    if ($there) { Move-Item -LiteralPath $old -Destination $Target }
    throw
  }
  Write-Output "mcp-sso $version is at $Target."
}

function Remove-OldOnes([string] $Target) {
  Get-ChildItem -LiteralPath (Split-Path $Target) -Filter 'mcp-sso.exe.old-*' -ErrorAction SilentlyContinue |
    Remove-Item -Force -ErrorAction SilentlyContinue
}

$target = Get-Target
Assert-PlainTarget $target
if ($Uninstall) {
  if (-not (Test-Path -LiteralPath $target)) { Stop-Install "mcp-sso is not installed at $target." }
  Remove-Item -LiteralPath $target -Force
  Remove-OldOnes $target
  Write-Output "Removed $target. Settings and sign-ins stay, and so do entries of AI apps that start it."
  return
}
if ($From -and $Release) { Stop-Install 'Give -From or -Release, not both.' }
$script:Wanted = $null
$script:Address = $null
$script:SourceFolder = $null
if ($From) {
  if (Test-Path -LiteralPath $From -PathType Container) { $script:SourceFolder = $From }
  elseif (Test-Path -LiteralPath $From -PathType Leaf) {
    $script:Wanted = Split-Path -Leaf $From
    $script:SourceFolder = Split-Path (Resolve-Path -LiteralPath $From).ProviderPath
  } else { Stop-Install "$From does not exist." }
} else {
  $script:Address = $(if ($Release) { $Release } else { $RELEASE_URL }).TrimEnd('/')
  if ($script:Address -notmatch '^https://') { Stop-Install 'Give an https address of a release, or a downloaded one: -Release URL or -From DIR' }
}
$folder = Split-Path $target
New-Item -ItemType Directory -Force -Path $folder | Out-Null
if ($System) { Protect-SystemFolder $folder }
$staging = Join-Path $folder (".mcp-sso-install-" + [guid]::NewGuid().ToString('N'))
New-Item -ItemType Directory -Path $staging | Out-Null
try {
  Install-Executable $target $staging
  Remove-OldOnes $target
} finally {
  Remove-Item -LiteralPath $staging -Recurse -Force -ErrorAction SilentlyContinue
}
