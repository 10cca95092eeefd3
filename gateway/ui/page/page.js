/**
 * The first page: every account and every regime, live over the same stream that anybody else uses.
 *
 * It reads a one-time token out of its own HTML, so that on this machine nobody types a key. Frames
 * are painted at most once per animation frame, the newest of each channel: a slow page skips.
 */
/** Figures ten times a second; the slow channel holds the liquidation prices besides. */
const ACCOUNTS = ["margin.*.100ms", "margin.*.1s"];
const RECONNECT_MS = [500, 1000, 2000, 5000, 10000];
const HISTORY_MAX = 240;

const byId = (id) => document.getElementById(id);
const newest = { margin: new Map(), regime: new Map() };
const history = new Map();
const rows = new Map();
const cards = new Map();
let attempts = 0;
let painting = false;
let turn = 0;

start(document.querySelector("meta[name=slidewire-token]").content);

async function start(token) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws`, "slidewire.v1.json");
  const calls = new Map();
  let nextId = 1;
  const call = (method, params) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      calls.set(id, { resolve, reject });
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });

  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === "subscription") return take(message.params);
    const waiting = calls.get(message.id);
    calls.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  };
  socket.onclose = () => reconnect();
  socket.onopen = async () => {
    try {
      await call("auth", { grant: "page", token });
      const { underlyings } = await call("instruments", { limit: 1 });
      const regimes = underlyings.map(({ id }) => `regime.${id}.1s`);
      await call("subscribe", { channels: [...ACCOUNTS, ...regimes] });
      attempts = 0;
      say("live");
    } catch (error) {
      say(`not live: ${error.message}`);
      socket.close();
    }
  };
}

function reconnect() {
  const wait = RECONNECT_MS[Math.min(attempts++, RECONNECT_MS.length - 1)];
  say(`disconnected, trying again in ${wait / 1000} s`);
  setTimeout(async () => {
    try {
      const answer = await fetch("/page-token", { method: "POST" });
      start((await answer.json()).token);
    } catch {
      reconnect();
    }
  }, wait);
}

function say(text) {
  byId("state").textContent = text;
}

function take({ channel, data, markTs, turn: of, type }) {
  if (type === "hb" || !data) return;
  const [kind, ...rest] = channel.split(".");
  const name = rest.slice(0, -1).join(".");
  newest[kind].set(name, { ...newest[kind].get(name), ...data });
  turn = Math.max(turn, of ?? 0);
  if (kind === "regime") remember(name, data.initial.slideRange);
  if (markTs) byId("market-time").textContent = shortTime(markTs);
  if (painting) return;
  painting = true;
  requestAnimationFrame(paint);
}

function remember(underlying, range) {
  const path = history.get(underlying) ?? [];
  path.push(range);
  if (path.length > HISTORY_MAX) path.shift();
  history.set(underlying, path);
}

function paint() {
  painting = false;
  byId("turn").textContent = turn.toLocaleString("en-US");
  const names = [...newest.margin.keys()].sort();
  for (const name of names) paintAccount(name, newest.margin.get(name));
  for (const [name, data] of newest.regime) paintRegime(name, data);
}

const money = (value) =>
  typeof value === "number"
    ? value.toLocaleString("en-US", { maximumFractionDigits: 0 })
    : (value ?? "–");
const percent = (value, digits = 1) =>
  typeof value === "number" ? `${(100 * value).toFixed(digits)} %` : "–";
const shortTime = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 19);
const levels = {
  healthy: "good",
  recovered: "good",
  restricted: "warn",
  marginCall: "warn",
  incomplete: "warn",
  liquidation: "bad",
  deficit: "bad",
};
const labels = {
  marginCall: "margin call",
};

function paintAccount(name, data) {
  const cells = rows.get(name) ?? addRow(name);
  const ratio = data.marginRatio;
  cells.status.textContent = labels[data.status] ?? data.status;
  cells.status.dataset.level = levels[data.status] ?? "warn";
  cells.equity.textContent = money(data.equity.maintenance);
  cells.initial.textContent = money(data.initialMargin);
  cells.maintenance.textContent = money(data.maintenanceMargin);
  cells.meter.value = typeof ratio === "number" ? Math.min(ratio, 1) : 1;
  cells.ratio.textContent = ratio === null ? "none" : percent(ratio);
  cells.headroom.textContent = money(data.headroom.maintenance);
  cells.worst.textContent = data.perUnderlying.map(worstText).filter(Boolean).join(" · ");
  cells.liquidation.textContent = liquidationText(data.liquidationPrice);
  byId("marks").textContent = data.marks.state;
}

function worstText({ underlying, worst, scanningRisk }) {
  const row = worst.initial;
  if (!row || scanningRisk.initial === 0) return "";
  if (row.kind === "basis") return `${underlying} basis`;
  const vol = typeof row.vol === "number" ? percent(row.vol, 0) : row.vol;
  const slide = `${row.slide > 0 ? "+" : ""}${percent(row.slide, 0)}`;
  return `${underlying} ${slide}, vol ${vol}${row.dtDays > 0 ? `, ${row.dtDays} d` : ""}`;
}

function liquidationText(prices) {
  return Object.entries(prices ?? {})
    .map(([underlying, { up, down }]) => {
      const sides = [down && `↓ ${money(down)}`, up && `↑ ${money(up)}`].filter(Boolean);
      return sides.length > 0 ? `${underlying} ${sides.join(" ")}` : "";
    })
    .filter(Boolean)
    .join(" · ");
}

function addRow(name) {
  const row = document.createElement("tr");
  const head = element("th", { scope: "row", textContent: name });
  const status = element("td", { className: "status" });
  const [equity, initial, maintenance] = [1, 2, 3].map(() =>
    element("td", { className: "number" }),
  );
  const ratioCell = element("td");
  const wrap = element("div", { className: "ratio" });
  const meter = element("meter", { min: 0, max: 1, low: 0.7, high: 0.9, optimum: 0 });
  meter.setAttribute("aria-label", `margin ratio of ${name}`);
  const ratio = element("span");
  wrap.append(meter, ratio);
  ratioCell.append(wrap);
  const headroom = element("td", { className: "number" });
  const worst = element("td");
  const liquidation = element("td");
  row.append(head, status, equity, initial, maintenance, ratioCell, headroom, worst, liquidation);
  const cells = {
    row,
    status,
    equity,
    initial,
    maintenance,
    meter,
    ratio,
    headroom,
    worst,
    liquidation,
  };
  rows.set(name, cells);
  const body = document.querySelector("#accounts tbody");
  const after = [...rows.keys()].sort();
  const next = after[after.indexOf(name) + 1];
  body.insertBefore(row, next ? rows.get(next).row : null);
  return cells;
}

function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

const regimeLines = [
  ["Range, initial", (d) => `± ${percent(d.initial.slideRange, 2)}`],
  ["Range, maintenance", (d) => `± ${percent(d.maintenance.slideRange, 2)}`],
  ["Target", (d) => `± ${percent(d.target, 2)}`],
  ["What binds", (d) => d.limiter],
  ["Vol shock scale", (d) => d.volScale.toFixed(2)],
  [
    "Realised vol, fast / slow",
    (d) => `${percent(d.realisedVolFast, 0)} / ${percent(d.realisedVolSlow, 0)}`,
  ],
  ["Tail weight τ, factor", (d) => `${d.tau.toFixed(3)}, ${d.kurtFactor.toFixed(3)}`],
  ["Tail level k", (d) => d.k.toFixed(2)],
  ["Warm", (d) => percent(d.warm, 0)],
];

function paintRegime(name, data) {
  const card = cards.get(name) ?? addCard(name);
  card.title.textContent = `${name} ${data.index === null ? "" : money(data.index)}`;
  card.label.textContent = data.stale ? `${data.label}, stale` : data.label;
  regimeLines.forEach(([, of], i) => {
    card.values[i].textContent = of(data);
  });
  card.line.setAttribute("points", points(history.get(name) ?? []));
}

function points(path) {
  const most = Math.max(...path, 0.01);
  return path
    .map((range, i) => `${(100 * i) / (HISTORY_MAX - 1)},${(40 - (38 * range) / most).toFixed(2)}`)
    .join(" ");
}

function addCard(name) {
  const card = element("article");
  const head = element("h3");
  const title = element("span");
  const label = element("span");
  head.append(title, label);
  const list = element("dl");
  const values = regimeLines.map(([text]) => {
    const value = element("dd");
    list.append(element("dt", { textContent: text }), value);
    return value;
  });
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "path");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `initial range of ${name} over the last minutes`);
  const line = document.createElementNS(space, "polyline");
  svg.append(line);
  card.append(head, list, svg);
  byId("regimes").append(card);
  const made = { title, label, values, line };
  cards.set(name, made);
  return made;
}
