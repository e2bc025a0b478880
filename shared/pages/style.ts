/** The one style sheet of all pages, put inline and allowed by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1b1f24;--quiet:#5b6470;--line:#dfe3e8;--strong:#1f5fbf;--strong-text:#fff;--warn:#9a3412}
@media (prefers-color-scheme:dark){:root{--ground:#111418;--card:#1a1f25;--text:#e8ebef;--quiet:#9aa4b0;--line:#2d343d;--strong:#5b9bf3;--strong-text:#0b1220;--warn:#fdba74}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:480px;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:32px;box-shadow:0 8px 30px rgb(0 0 0/.07)}
.mark{display:flex;gap:10px;align-items:center;color:var(--quiet);font-size:14px;font-weight:600;letter-spacing:.02em;margin-bottom:20px}
.mark svg{width:22px;height:22px;color:var(--strong)}
h1{font-size:22px;line-height:1.3;margin:0 0 12px}
p{margin:0 0 16px}
.quiet{color:var(--quiet);font-size:14px}
dl{margin:20px 0;border-top:1px solid var(--line)}
dl div{display:grid;grid-template-columns:112px 1fr;gap:12px;padding:10px 0;border-bottom:1px solid var(--line)}
dt{color:var(--quiet);font-size:14px}
dd{margin:0;overflow-wrap:anywhere}
dd small{display:block;color:var(--quiet)}
.actions{display:flex;flex-wrap:wrap;gap:12px;margin-top:24px}
form+p{margin-top:24px}
label{display:block;color:var(--quiet);font-size:14px;margin-bottom:6px}
.entry,.field{width:100%;margin-bottom:16px;padding:12px;border:1px solid var(--line);border-radius:9px;background:var(--ground);color:var(--text);font:inherit}
.entry{font:24px ui-monospace,SFMono-Regular,Menlo,monospace;letter-spacing:.12em;text-align:center;text-transform:uppercase}
button,.choice{font:inherit;font-weight:600;padding:11px 20px;border-radius:9px;border:1px solid var(--line);background:transparent;color:var(--text);cursor:pointer;text-decoration:none}
button.primary{background:var(--strong);border-color:var(--strong);color:var(--strong-text);flex:1}
button:focus-visible,.choice:focus-visible,.entry:focus-visible,.field:focus-visible{outline:3px solid var(--strong);outline-offset:2px}
.choice{display:block;margin-bottom:10px;text-align:center}
.code{color:var(--quiet);font:13px ui-monospace,SFMono-Regular,Menlo,monospace}
.arguments{max-height:420px;overflow:auto;margin:0 0 16px;padding:12px;border:1px solid var(--line);border-radius:9px;background:var(--ground);font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.warn{color:var(--warn);font-size:14px}
`;
