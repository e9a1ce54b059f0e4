// Runs S1..S6 for one peer.  node run.mjs PEER [--only S1,S6] [--s6-seconds 120] [--skip S1_lat,S2_lat]
// A peer is a folder with peer.json {name, server:[argv], client:[argv], urlScheme, e2ee}; the protocol is in README.md.
import { spawn, execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import http from 'node:http'
import readline from 'node:readline'
import { readOps } from './lib/workload.mjs'
const HERE = path.dirname(new URL(import.meta.url).pathname)
const peer = process.argv[2], opt = (n, d) => { const i = process.argv.indexOf('--' + n); return i < 0 ? d : process.argv[i + 1] }
const cfg = JSON.parse(fs.readFileSync(path.join(HERE, peer, 'peer.json'), 'utf8'))
const OUT = path.resolve(opt('out', path.join(HERE, 'out')), peer), WL = path.resolve(opt('workload', path.join(HERE, 'out/workload')))
const S6_SECONDS = Number(opt('s6-seconds', 120))
const base = Number(opt('port', 19000)), P = { server: base, a: base + 1, ac: base + 2, b: base + 3, bc: base + 4 }
fs.rmSync(OUT, { recursive: true, force: true }); fs.mkdirSync(OUT, { recursive: true })
const sleep = ms => new Promise(r => setTimeout(r, ms))
const ctl = (port, p) => new Promise((ok, no) => http.get({ host: '127.0.0.1', port, path: p }, r => { let b = ''; r.on('data', d => b += d); r.on('end', () => ok(JSON.parse(b))) }).on('error', no))
const fill = (argv, m) => argv.map(x => x.replace(/\{(\w+)\}/g, (_, k) => m[k]))
const kids = []
function start(argv, name) {
  const log = fs.createWriteStream(path.join(OUT, name + '.log'))
  const p = spawn(argv[0], argv.slice(1), { cwd: HERE, stdio: ['pipe', 'pipe', 'pipe'] }); kids.push(p)
  p.stderr.pipe(log); p.events = []; p.waiters = []; p.dead = false
  p.on('exit', (code) => { p.dead = true; p.code = code; for (const w of p.waiters.splice(0)) w.no(new Error(name + ' exited ' + code)) })
  readline.createInterface({ input: p.stdout }).on('line', l => { log.write(l + '\n'); let e; try { e = JSON.parse(l) } catch { e = { ev: l } } p.events.push(e); p.waiters = p.waiters.filter(w => e.ev === w.ev ? (w.ok(e), false) : true) })
  p.wait = (ev, ms) => new Promise((ok, no) => { const h = p.events.find(e => e.ev === ev); if (h) return ok(h); if (p.dead) return no(new Error(name + ' is dead')); const w = { ev, ok: e => { clearTimeout(t); ok(e) }, no: e => { clearTimeout(t); no(e) } }; const t = setTimeout(() => { p.waiters = p.waiters.filter(x => x !== w); no(new Error(`${name}: no ${ev} in ${ms} ms`)) }, ms); p.waiters.push(w) })
  return p
}
const proc = pid => { try { const st = fs.readFileSync(`/proc/${pid}/status`, 'utf8'), s = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '); return { rss_kb: +/VmRSS:\s+(\d+)/.exec(st)[1], peak_kb: +/VmHWM:\s+(\d+)/.exec(st)[1], cpu_s: (+s[11] + +s[12]) / 100 } } catch { return {} } }
const du = d => Number(execFileSync('du', ['-sb', d]).toString().split('\t')[0]), duDisk = d => Number(execFileSync('du', ['-s', '-B1', d]).toString().split('\t')[0])
async function idle(cp, ms = 1500, max = 60000) { const t = Date.now(); for (;;) { const s = await ctl(cp, '/stats'); if (s.idle_ms >= ms && Date.now() - t >= ms) return s; if (Date.now() - t > max) return { ...s, never_idle: true }; await sleep(100) } }
const url = port => `${cfg.urlScheme}://127.0.0.1:${port}`
const ids = path.join(OUT, 'ids.json'), target = path.join(OUT, 'target.json')
function client(name, side, extra = {}) {
  const a = fill(cfg.client, { here: HERE, server: `${cfg.urlScheme}://127.0.0.1:${P.server}` })
  const f = { dir: path.join(OUT, 'dir-' + side), author: { A: 'mentor', A2: 'mentor', B: 'coordinator', seed: 'seed', C: 'mentor', C2: 'mentor' }[side], ids, ...extra }
  fs.mkdirSync(f.dir, { recursive: true })
  for (const [k, v] of Object.entries(f)) { if (v === true) a.push('--' + k); else if (v != null) a.push('--' + k, String(v)) }
  return start(a, name)
}
async function quit(c) { if (c.dead) return null; const pr = proc(c.pid); c.stdin.write('quit\n'); const d = await c.wait('done', 120000).catch(e => ({ err: String(e) })); for (let i = 0; i < 100 && !c.dead; i++) await sleep(50); if (!c.dead) process.kill(c.pid, 'SIGKILL'); return { ...d, cpu_s: pr.cpu_s, peak_kb: d.rss_peak_kb ?? pr.peak_kb } }
const R = { peer: cfg.name, versions: cfg.versions, e2ee: cfg.e2ee, workload: JSON.parse(fs.readFileSync(path.join(WL, 'summary.json'))).sha256.slice(0, 12) }
const save = () => fs.writeFileSync(path.join(OUT, 'result.json'), JSON.stringify(R, null, 1) + '\n')
const pick = s => ({ up: s.up, down: s.down, total: s.up + s.down, turns: s.turns, conns: s.conns, cuts: s.cuts, settle_ms: s.last - s.first, ...(s.never_idle ? { never_idle: true } : {}) })
const SKIP = opt('skip', '').split(',')
async function through(label, side, extra, { latency = 0, cut = 0, wait = 180000 } = {}) {
  if (SKIP.includes(label)) return
  process.env.RETRY_MS = cut ? '500' : ''; if (!cut) delete process.env.RETRY_MS // a short reconnect delay, only so that the flaky-link run is not spent waiting
  await ctl(P.ac, `/set?latency=${latency}&cut=${cut}`); await ctl(P.ac, '/reset')
  const c = client(label, side, { url: url(P.a), ...extra }); const r = {}
  try { r.synced_ms = Math.round((await c.wait('synced', wait)).ms) } catch (e) { r.failed = String(e.message) }
  const f = c.events.find(e => e.ev === 'first_case'); if (f) r.first_case_ms = Math.round(f.ms)
  let s
  if (r.failed) { s = await ctl(P.ac, '/stats'); await ctl(P.ac, '/off') } else s = await idle(P.ac, latency ? 3000 : 1500)
  Object.assign(r, pick(s)); const q = await quit(c); await ctl(P.ac, '/on')
  if (q) { r.peak_rss_kb = q.peak_kb; r.cpu_s = q.cpu_s; r.cases_ready = q.counts ? Object.values(q.counts).filter(x => x.meetings).length : undefined }
  r.uncaught = c.events.filter(e => e.ev === 'uncaught' || e.ev === 'unhandled').length || undefined
  R[label] = r; save(); console.log(label, JSON.stringify(r)); return q
}
async function direct(label, side, extra) { await ctl(P.bc, '/reset'); const c = client(label, side, { url: url(P.b), ...extra }); await c.wait('synced', 300000).catch(e => console.log(label, e.message)); const s = await idle(P.bc, 2500); const q = await quit(c); console.log(label, JSON.stringify(pick(s))); R['x_' + label] = pick(s); return q }
async function offline(label, side, apply) { const c = client(label, side, { apply }); await c.wait('open', 120000); const ap = c.events.find(e => e.ev === 'applied'); await sleep(500); const q = await quit(c); R['x_' + label] = { apply_ms: ap?.ms && Math.round(ap.ms), n: ap?.n }; return q }
const bump = (t, files) => { const o = JSON.parse(JSON.stringify(t)); const k = { 'meeting.add': 'meetings', 'note.add': 'notes', 'task.add': 'tasks', 'offer.add': 'offers' }; for (const f of files) for (const op of readOps(f)) { delete o[op.c].digest; if (k[op.op]) o[op.c].counts[k[op.op]]++ } return o }
try {
  const sdir = path.join(OUT, 'server'); fs.mkdirSync(sdir)
  const server = start(fill(cfg.server, { here: HERE, port: P.server, dir: sdir }), 'server'); await server.wait(cfg.listening?.replace('{port}', P.server) ?? 'listening', 20000)
  for (const [l, c] of [[P.a, P.ac], [P.b, P.bc]]) await start(['node', 'lib/proxy.mjs', '--listen', l, '--target', P.server, '--control', c].map(String), 'proxy' + l).wait('ready', 5000)
  const cache = path.join(HERE, 'out', 'cache-' + (cfg.cache ?? peer)); fs.mkdirSync(cache, { recursive: true })
  const tag = path.join(cache, 'workload.txt'), cur = R.workload; if (!fs.existsSync(tag) || fs.readFileSync(tag, 'utf8') !== cur) { fs.rmSync(cache, { recursive: true }); fs.mkdirSync(cache + '/d', { recursive: true }); fs.writeFileSync(tag, cur) }
  await ctl(P.bc, '/reset')
  const sd = client('seed', 'seed', { seed: path.join(WL, 'caseload.jsonl'), cache: cache + '/d', target, url: url(P.b) })
  await sd.wait('synced', 3600000); R.x_seed = pick(await idle(P.bc, 4000, 300000)); await quit(sd); console.log('seed', JSON.stringify(R.x_seed))
  const s0 = proc(server.pid); R.server_after_seed = { ...s0, disk: du(sdir) }
  await direct('B0', 'B', { fresh: true, until: target })
  await through('S1', 'A', { fresh: true, until: target })
  await through('S1_lat', 'A2', { fresh: true, until: target }, { latency: 200 })
  await through('S2', 'A', { until: target })
  await through('S2b', 'A', { until: target })
  await through('S2_lat', 'A2', { until: target }, { latency: 200 })
  await through('S2b_lat', 'A2', { until: target }, { latency: 200 })
  const t0 = JSON.parse(fs.readFileSync(target)), f3 = path.join(WL, 's3.jsonl'), fm = path.join(WL, 's4-mentor.jsonl'), fc = path.join(WL, 's4-coordinator.jsonl')
  fs.writeFileSync(path.join(OUT, 't3.json'), JSON.stringify(bump(t0, [f3]))); fs.writeFileSync(path.join(OUT, 't4.json'), JSON.stringify(bump(t0, [f3, fm, fc])))
  await direct('B3', 'B', { apply: f3, until: path.join(OUT, 't3.json') })
  await through('S3', 'A', { until: path.join(OUT, 't3.json') })
  await through('S3_lat', 'A2', { until: path.join(OUT, 't3.json') }, { latency: 200 })
  await offline('A4off', 'A', fm); await offline('B4off', 'B', fc)
  fs.writeFileSync(path.join(OUT, 't4b.json'), JSON.stringify(bump(t0, [f3, fc]))); await direct('B4', 'B', { until: path.join(OUT, 't4b.json') })
  const qa = await through('S4', 'A', { until: path.join(OUT, 't4.json') })
  const qb = await direct('B4b', 'B', { until: path.join(OUT, 't4.json') })
  const diff = Object.keys(qa?.digest ?? {}).filter(c => qa.digest[c] !== qb?.digest?.[c])
  R.S4.converged = !!qa?.digest && diff.length === 0; R.S4.differ = diff.length || undefined
  if (qa?.conflicts !== undefined) R.S4.conflicts = qa.conflicts
  if (qa?.lost !== undefined) R.S4.lost = qa.lost
  fs.writeFileSync(path.join(OUT, 'digests.json'), JSON.stringify({ a: qa, b: qb }, null, 1))
  R.S5 = { ...proc(server.pid), disk: du(sdir), disk_blocks: duDisk(sdir), files: Number(execFileSync('sh', ['-c', `find ${sdir} -type f | wc -l`]).toString()), client_disk: du(path.join(OUT, 'dir-A')) }
  console.log('S5', JSON.stringify(R.S5)); save()
  const ceil = path.join(OUT, 't4.json')
  await through('S6', 'C', { fresh: true, until: ceil }, { latency: 200, cut: 65536, wait: S6_SECONDS * 1000 })
  if (R.S6?.failed) await through('S6_256k', 'C2', { fresh: true, until: ceil }, { latency: 200, cut: 262144, wait: S6_SECONDS * 500 })
  R.server_end = proc(server.pid)
} catch (e) { R.error = String(e.stack ?? e); console.log('ERROR', e) }
save()
for (const k of kids) if (!k.dead) { try { process.kill(k.pid, 'SIGTERM') } catch {} }
await sleep(1500); for (const k of kids) if (!k.dead) { try { process.kill(k.pid, 'SIGKILL') } catch {} }
process.exit(0)
