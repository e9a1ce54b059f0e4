// SPDX-License-Identifier: EUPL-1.2
// Runs S1–S6 for one peer: node run.mjs PEER [--port 19000] [--repeat 5] [--keep] [--s6-seconds 120] [--skip LABEL,…] [--out DIR] [--workload DIR]
// A peer is a folder with peer.json; what it must do is in README.md.
import { spawn, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import readline from 'node:readline'
import { readOps } from './lib/workload.mjs'

const HERE = path.dirname(new URL(import.meta.url).pathname)
const peer = process.argv[2]
const opt = (name, otherwise) => {
  const at = process.argv.indexOf('--' + name)
  return at < 0 ? otherwise : process.argv[at + 1]
}
const cfg = JSON.parse(fs.readFileSync(path.join(HERE, peer, 'peer.json'), 'utf8'))
const OUT = path.resolve(opt('out', path.join(HERE, 'out')), peer)
const WORKLOAD = path.resolve(opt('workload', path.join(HERE, 'out/workload')))
const S6_MS = Number(opt('s6-seconds', 120)) * 1000
const REPEAT = Number(opt('repeat', 1))
const SKIP = opt('skip', '').split(',')
const base = Number(opt('port', 19000))
const PORT = { server: base, a: base + 1, aControl: base + 2, b: base + 3, bControl: base + 4 }
const AUTHORS = { B: 'coordinator', seed: 'seed' }

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))
const url = (port) => `${cfg.urlScheme}://127.0.0.1:${port}`
const fill = (argv, values) => argv.map((word) => word.replace(/\{(\w+)\}/g, (_, key) => values[key]))
const inOut = (...names) => path.join(OUT, ...names)
const writeJson = (file, value) => fs.writeFileSync(file, JSON.stringify(value, null, 1) + '\n')
const median = (list) => list.slice().sort((a, b) => a - b)[Math.floor(list.length / 2)]

function control(port, command) {
  return new Promise((done, fail) => {
    const asked = http.get({ host: '127.0.0.1', port, path: command }, (answer) => {
      let body = ''
      answer.on('data', (piece) => { body += piece })
      answer.on('end', () => done(JSON.parse(body)))
    })
    asked.on('error', fail)
  })
}

const children = []

/** Starts a program whose standard output is one JSON event a line; `wait` waits for one of them. */
function start(argv, name) {
  const log = fs.createWriteStream(inOut(name + '.log'))
  const child = spawn(argv[0], argv.slice(1), { cwd: HERE, stdio: ['pipe', 'pipe', 'pipe'] })
  children.push(child)
  Object.assign(child, { events: [], waiting: [], ended: false })
  child.stderr.pipe(log)
  const end = (why) => {
    child.ended = true
    for (const one of child.waiting.splice(0)) one.fail(new Error(`${name} ${why}`))
  }
  child.on('error', (error) => end(String(error)))
  child.on('exit', (code) => end(`ended with ${code}`))
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    log.write(line + '\n')
    let event
    try { event = JSON.parse(line) } catch { event = { ev: line } }
    child.events.push(event)
    child.waiting = child.waiting.filter((one) => one.ev !== event.ev || one.done(event))
  })
  child.wait = (ev, ms) => new Promise((done, fail) => {
    const had = child.events.find((event) => event.ev === ev)
    if (had) return done(had)
    if (child.ended) return fail(new Error(`${name} has ended`))
    const one = { ev, done: (event) => { clearTimeout(timer); done(event); return false }, fail: (error) => { clearTimeout(timer); fail(error) } }
    const timer = setTimeout(() => {
      child.waiting = child.waiting.filter((other) => other !== one)
      fail(new Error(`${name}: no ${ev} in ${ms} ms`))
    }, ms)
    child.waiting.push(one)
  })
  return child
}

/** Memory and CPU time of a process, from /proc. */
function usage(pid) {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    const kib = (what) => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)[1])
    return { rss_kb: kib('VmRSS'), peak_kb: kib('VmHWM'), cpu_s: (Number(stat[11]) + Number(stat[12])) / 100 }
  } catch {
    return {}
  }
}
const diskUse = (dir) => Number(execFileSync('du', ['-sb', dir]).toString().split('\t')[0])

/** Waits until nothing has gone through a proxy for `ms`. */
async function idle(controlPort, ms = 1500, most = 60000) {
  const begun = Date.now()
  for (;;) {
    const stats = await control(controlPort, '/stats')
    if (stats.idle_ms >= ms && Date.now() - begun >= ms) return stats
    if (Date.now() - begun > most) return { ...stats, never_idle: true }
    await sleep(100)
  }
}

const ids = inOut('ids.json')
const target = inOut('target.json')

/** Starts a client on the device `side`. Where devices are enrolled beforehand, a fresh one is a copy of an enrolled one. */
function client(name, side, more = {}) {
  const author = AUTHORS[side] ?? 'mentor'
  const dir = inOut('dir-' + side)
  if (cfg.enrolled && more.fresh) fs.cpSync(inOut('dir-fresh-' + author), dir, { recursive: true })
  fs.mkdirSync(dir, { recursive: true })
  const words = fill(cfg.client, { here: HERE, server: url(PORT.server) })
  for (const [key, value] of Object.entries({ dir, author, ids, ...more })) {
    if (value === true) words.push('--' + key)
    else if (value != null) words.push('--' + key, String(value))
  }
  return start(words, name)
}

async function quit(child) {
  if (child.ended) return null
  const used = usage(child.pid)
  child.stdin.write('quit\n')
  const done = await child.wait('done', 120000).catch((error) => ({ err: String(error) }))
  for (let n = 0; n < 100 && !child.ended; n++) await sleep(50)
  if (!child.ended) process.kill(child.pid, 'SIGKILL')
  return { ...done, cpu_s: used.cpu_s, peak_kb: done.rss_peak_kb ?? used.peak_kb }
}

/** Milliseconds of the same work every time, the median of five: what the machine had left over while this was measured. */
function calibration() {
  const block = Buffer.alloc(16 * 1024 * 1024, 7)
  return median(Array.from({ length: 5 }, () => {
    const begun = performance.now()
    for (let n = 0; n < 4; n++) createHash('sha256').update(block).digest()
    return Math.round(performance.now() - begun)
  }))
}

const R = { peer: cfg.name, versions: cfg.versions, e2ee: cfg.e2ee }
R.workload = JSON.parse(fs.readFileSync(path.join(WORKLOAD, 'summary.json'))).sha256.slice(0, 12)
const save = () => writeJson(inOut('result.json'), R)
const counted = (s) => ({
  up: s.up, down: s.down, total: s.up + s.down, turns: s.turns, conns: s.conns, cuts: s.cuts, settle_ms: s.last - s.first,
  ...(s.never_idle ? { never_idle: true } : {}),
})

/** One measured run through proxy A. */
async function once(label, side, more, { latency = 0, cut = 0, wait = 180000 } = {}) {
  // A short reconnect delay, only so that the run on the flaky line is not spent waiting.
  if (cut) process.env.RETRY_MS = '500'
  else delete process.env.RETRY_MS
  await control(PORT.aControl, `/set?latency=${latency}&cut=${cut}`)
  await control(PORT.aControl, '/reset')
  const child = client(label, side, { url: url(PORT.a), ...more })
  const r = {}
  try { r.synced_ms = Math.round((await child.wait('synced', wait)).ms) } catch (error) { r.failed = String(error.message) }
  let stats
  if (r.failed) {
    stats = await control(PORT.aControl, '/stats')
    await control(PORT.aControl, '/off')
  } else {
    stats = await idle(PORT.aControl, latency ? 3000 : 1500)
  }
  Object.assign(r, counted(stats))
  for (const [name, key] of [['first_case', 'first_case_ms'], ['listed', 'listed_ms']]) {
    const event = child.events.find((one) => one.ev === name)
    if (event) r[key] = Math.round(event.ms)
  }
  const opened = child.events.find((one) => one.ev === 'opened')
  if (opened) Object.assign(r, { open_worst_ms: Math.round(opened.worst_ms), open_median_ms: Math.round(opened.median_ms), search_ms: opened.search_ms })
  const ended = await quit(child)
  await control(PORT.aControl, '/on')
  if (ended) {
    Object.assign(r, { peak_rss_kb: ended.peak_kb, cpu_s: ended.cpu_s, kdf_peak_kb: ended.kdf_peak_kb })
    if (ended.counts) r.cases_ready = Object.values(ended.counts).filter((one) => one.meetings).length
  }
  r.uncaught = child.events.filter((one) => one.ev === 'uncaught' || one.ev === 'unhandled').length || undefined
  return [r, ended]
}

/** Runs it, and again on further devices where a run is short: times are medians, bytes are those of the first run. */
async function through(label, side, more, how = {}) {
  if (SKIP.includes(label)) return undefined
  const [r, ended] = await once(label, side, more, how)
  const all = [r]
  while (!r.failed && how.again && r.synced_ms < 30000 && all.length < REPEAT) {
    all.push((await once(`${label}-${all.length + 1}`, how.again(all.length + 1), more, how))[0])
  }
  r.runs = all.length
  for (const key of ['synced_ms', 'first_case_ms', 'listed_ms', 'open_worst_ms', 'open_median_ms', 'search_ms', 'peak_rss_kb', 'cpu_s']) {
    const values = all.map((one) => one[key]).filter((value) => value != null)
    if (values.length) r[key] = median(values)
  }
  if (all.length > 1) {
    r.totals = all.map((one) => one.total)
    r.synced_all_ms = all.map((one) => one.synced_ms)
  }
  R[label] = r
  save()
  console.log(label, JSON.stringify(r))
  return ended
}

/** A run on the other side, through proxy B and uncut. */
async function direct(label, side, more) {
  await control(PORT.bControl, '/reset')
  const child = client(label, side, { url: url(PORT.b), ...more })
  await child.wait('synced', 300000).catch((error) => console.log(label, error.message))
  const stats = await idle(PORT.bControl, 2500)
  const ended = await quit(child)
  R['x_' + label] = counted(stats)
  console.log(label, JSON.stringify(R['x_' + label]))
  return ended
}

async function offline(label, side, apply) {
  const child = client(label, side, { apply })
  await child.wait('open', 120000)
  const applied = child.events.find((event) => event.ev === 'applied')
  await sleep(500)
  await quit(child)
  R['x_' + label] = { apply_ms: applied?.ms && Math.round(applied.ms), n: applied?.n }
}

/** The target after these files were applied too: counts only. */
function after(before, files) {
  const next = JSON.parse(JSON.stringify(before))
  const counts = { 'meeting.add': 'meetings', 'note.add': 'notes', 'task.add': 'tasks', 'offer.add': 'offers' }
  for (const file of files) {
    for (const op of readOps(file)) {
      delete next[op.c].digest
      if (counts[op.op]) next[op.c].counts[counts[op.op]]++
    }
  }
  return next
}

async function startServer(serverDir) {
  const server = start(fill(cfg.server, { here: HERE, port: PORT.server, dir: serverDir }), 'server')
  await server.wait(cfg.listening?.replace('{port}', PORT.server) ?? 'listening', 20000)
  return server
}

async function startProxies() {
  for (const [listen, controlPort] of [[PORT.a, PORT.aControl], [PORT.b, PORT.bControl]]) {
    const words = ['node', 'lib/proxy.mjs', '--listen', listen, '--target', PORT.server, '--control', controlPort]
    await start(words.map(String), 'proxy' + listen).wait('ready', 5000)
  }
}

/** What enrolled devices share with a server that was seeded before: it is laid beside, and stays good as long as the workload is the same. */
const KEPT = ['server', 'dir-fresh-mentor', 'dir-fresh-coordinator', 'ids.json', 'target.json', 'seed.json']
const kept = path.join(HERE, 'out', 'kept-' + peer)

/** Whether a history that was made before lies in its place now. */
function takeKept() {
  if (!cfg.enrolled || !process.argv.includes('--keep')) return false
  const tag = path.join(kept, 'workload.txt')
  if (!fs.existsSync(tag) || fs.readFileSync(tag, 'utf8') !== R.workload) return false
  for (const name of KEPT) fs.cpSync(path.join(kept, name), inOut(name), { recursive: true })
  R.x_seed = JSON.parse(fs.readFileSync(inOut('seed.json')))
  return true
}

function keep() {
  if (!cfg.enrolled || !process.argv.includes('--keep')) return
  fs.rmSync(kept, { recursive: true, force: true })
  fs.mkdirSync(kept, { recursive: true })
  for (const name of KEPT) fs.cpSync(inOut(name), path.join(kept, name), { recursive: true })
  fs.writeFileSync(path.join(kept, 'workload.txt'), R.workload)
}

async function seed(server, serverDir) {
  const cache = path.join(HERE, 'out', 'cache-' + (cfg.cache ?? peer))
  const tag = path.join(cache, 'workload.txt')
  if (!fs.existsSync(tag) || fs.readFileSync(tag, 'utf8') !== R.workload) {
    fs.rmSync(cache, { recursive: true, force: true })
    fs.mkdirSync(path.join(cache, 'd'), { recursive: true })
    fs.writeFileSync(tag, R.workload)
  }
  await control(PORT.bControl, '/reset')
  const words = { seed: path.join(WORKLOAD, 'caseload.jsonl'), cache: path.join(cache, 'd'), target, url: url(PORT.b) }
  const child = client('seed', 'seed', words)
  await child.wait('synced', 3 * 3600 * 1000)
  R.x_seed = counted(await idle(PORT.bControl, 4000, 300000))
  await quit(child)
  console.log('seed', JSON.stringify(R.x_seed))
  writeJson(inOut('seed.json'), R.x_seed)
  R.server_after_seed = { ...usage(server.pid), disk: diskUse(serverDir) }
}

async function scenarios(server, serverDir) {
  const cpuBefore = usage(server.pid).cpu_s
  R.calibration_ms = [calibration()]
  await direct('B0', 'B', { fresh: true, until: target })
  await through('S1', 'A', { fresh: true, until: target }, { again: (n) => 'A-again-' + n })
  await through('S1_lat', 'A2', { fresh: true, until: target }, { latency: 200, again: (n) => 'A2-again-' + n })
  await through('S2', 'A', { until: target })
  await through('S2b', 'A', { until: target }, { again: () => 'A' })
  await through('S2_lat', 'A2', { until: target }, { latency: 200 })
  await through('S2b_lat', 'A2', { until: target }, { latency: 200, again: () => 'A2' })
  const [s3, mentor, coordinator] = ['s3', 's4-mentor', 's4-coordinator'].map((name) => path.join(WORKLOAD, name + '.jsonl'))
  const first = JSON.parse(fs.readFileSync(target))
  writeJson(inOut('t3.json'), after(first, [s3]))
  writeJson(inOut('t4.json'), after(first, [s3, mentor, coordinator]))
  writeJson(inOut('t4b.json'), after(first, [s3, coordinator]))
  await direct('B3', 'B', { apply: s3, until: inOut('t3.json') })
  await through('S3', 'A', { until: inOut('t3.json') })
  await through('S3_lat', 'A2', { until: inOut('t3.json') }, { latency: 200 })
  // Before anybody writes again: where devices are enrolled beforehand this one is a copy of A, and nobody is sent what is his own.
  await through('S6', 'C', { fresh: true, until: inOut('t3.json') }, { latency: 200, cut: 65536, wait: S6_MS })
  if (R.S6?.failed) await through('S6_256k', 'C2', { fresh: true, until: inOut('t3.json') }, { latency: 200, cut: 262144, wait: S6_MS / 2 })
  await offline('A4off', 'A', mentor)
  await offline('B4off', 'B', coordinator)
  await direct('B4', 'B', { until: inOut('t4b.json') })
  const a = await through('S4', 'A', { until: inOut('t4.json') })
  const b = await direct('B4b', 'B', { until: inOut('t4.json') })
  const differ = Object.keys(a?.digest ?? {}).filter((name) => a.digest[name] !== b?.digest?.[name])
  if (R.S4) Object.assign(R.S4, { converged: !!a?.digest && differ.length === 0, differ: differ.length || undefined, conflicts: a?.conflicts, lost: a?.lost })
  R.S5 = { ...usage(server.pid), disk: diskUse(serverDir), client_disk: diskUse(inOut('dir-A')) }
  R.S5.cpu_after_seed_s = Math.round((R.S5.cpu_s - cpuBefore) * 100) / 100
  console.log('S5', JSON.stringify(R.S5))
  if (cfg.enrolled) R.scale = { ask: await crowd(server, 50, {}), write: await crowd(server, 50, { writing: true }) }
  R.server_end = usage(server.pid)
  R.calibration_ms.push(calibration())
}

/** CPU that the server spends on one request of many: what a crowd of devices would cost it. */
async function crowd(server, rounds, more) {
  const before = usage(server.pid)
  const child = client('crowd', 'A', { url: url(PORT.server), rounds, ...more })
  const ended = await child.wait('crowd', 300000)
  const after = usage(server.pid)
  await quit(child)
  const each = { rounds, server_ms: Math.round((after.cpu_s - before.cpu_s) * 1e5 / rounds) / 100, client_and_server_ms: Math.round(ended.ms / rounds * 100) / 100, rss_kb: after.rss_kb }
  console.log('crowd', JSON.stringify(each))
  return each
}

async function stopAll() {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    for (const child of children) if (!child.ended) child.kill(signal)
    await sleep(1500)
  }
}

async function stopped(child) {
  child.kill('SIGTERM')
  for (let n = 0; n < 100 && !child.ended; n++) await sleep(50)
}

const serverDir = inOut('server')
try {
  fs.rmSync(OUT, { recursive: true, force: true })
  fs.mkdirSync(serverDir, { recursive: true })
  const had = takeKept()
  let server = await startServer(serverDir)
  await startProxies()
  if (!had) {
    await seed(server, serverDir)
    if (process.argv.includes('--keep')) {
      await stopped(server)
      keep()
      server = await startServer(serverDir)
    }
  }
  await scenarios(server, serverDir)
} catch (error) {
  R.error = String(error.stack ?? error)
  console.log('ERROR', error)
}
save()
await stopAll()
process.exit(R.error ? 1 : 0)
