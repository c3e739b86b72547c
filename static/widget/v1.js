/* OmniCQM chat widget, protocol 1. How to use it: docs/widget.md */
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector("script[data-key]");
  const queued = window.OmniCQM;
  if (!script || (queued && queued.version)) return; // included twice

  const { key = "", host } = script.dataset;
  const base = new URL(host || script.src).origin;
  const SLOW = 8000, AFTER_LOAD = 3000; // ms until a silent server, or a loaded page that is not ours, is given up
  const WORDS = {
    en: ["Chat with us", "Close chat", "new", "Loading the chat…", "The chat is unavailable at the moment.", "Try again"],
    de: ["Chat öffnen", "Chat schließen", "neu", "Chat wird geladen …", "Der Chat ist gerade nicht erreichbar.", "Nochmals versuchen"],
    es: ["Abrir el chat", "Cerrar el chat", "nuevos", "Cargando el chat…", "El chat no está disponible en este momento.", "Reintentar"],
    fr: ["Ouvrir le chat", "Fermer le chat", "nouveaux", "Chargement du chat…", "Le chat est indisponible pour le moment.", "Réessayer"],
  };
  const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;inset-block-end:0;inset-inline-end:0;font:16px/1.4 system-ui,sans-serif;color-scheme:light dark}
:host([hidden]){display:none}
:host(.start){inset-inline-end:auto;inset-inline-start:0}
*{box-sizing:border-box}[hidden]{display:none!important}
button{font:inherit;border:0;cursor:pointer;background:none;color:inherit}
button:focus-visible{outline:3px solid #4c8dff;outline-offset:2px}
svg{display:block;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.launcher{position:relative;display:grid;place-items:center;width:56px;height:56px;margin:20px;border-radius:50%;background:var(--colour,#555);color:var(--ink,#fff);box-shadow:0 2px 12px #0005;transition:transform .15s}
.launcher:hover{transform:scale(1.06)}
.badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:22px;padding:0 6px;border-radius:11px;background:#c62828;color:#fff;font-size:13px;line-height:22px;text-align:center}
.panel{position:fixed;inset-block-end:92px;inset-inline:20px;margin-inline-start:auto;display:flex;flex-direction:column;width:min(400px,calc(100vw - 40px));height:min(640px,calc(100dvh - 112px));overflow:hidden;border-radius:16px;background:Canvas;color:CanvasText;box-shadow:0 8px 40px #0006;transition:opacity .18s,transform .18s,visibility .18s}
:host(.start) .panel{margin-inline:0 auto}
.panel.shut{visibility:hidden;opacity:0;transform:translateY(12px)}
.panel:not(.ready){height:auto}
header{display:flex;align-items:center;gap:8px;padding-block:10px;padding-inline:16px 8px;background:var(--colour,#555);color:var(--ink,#fff)}
header div{flex:1;min-width:0}h2,p{margin:0;font:inherit;overflow-wrap:anywhere}h2{font-weight:600}header p{font-size:13px}
.close{padding:8px;border-radius:8px}
.notice{padding:24px 16px;text-align:center}
.notice button{margin-top:12px;padding:8px 16px;border-radius:8px;background:ButtonFace;color:ButtonText}
iframe{flex:1;width:100%;min-height:0;border:0;color-scheme:light dark}
.panel:not(.ready) iframe{position:absolute;width:1px;height:1px;visibility:hidden}
@media (max-width:480px),(max-height:480px){.panel.ready{inset:0;width:100%;height:100dvh;border-radius:0}.panel.ready:not(.shut)~.launcher{visibility:hidden}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{:host{display:none}}`;

  const make = (tag, props = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), props);
    node.append(...children);
    return node;
  };
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of [["viewBox", "0 0 20 20"], ["width", 24], ["height", 24], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };

  let words = WORDS[(document.documentElement.lang || "").slice(0, 2)] || WORDS.en;
  let state = "loading"; // loading, ready, unavailable, refused
  let page = "", isOpen = false, unread = 0, timer = 0, last = 0;
  let frame;
  const listeners = {}, waiting = [];

  const root = make("omnicqm-widget", { hidden: true });
  const shadow = root.attachShadow({ mode: "open" });
  const badge = make("span", { className: "badge", hidden: true });
  badge.setAttribute("aria-hidden", "true");
  const launcher = make("button", { type: "button", className: "launcher", onclick: () => (isOpen ? close() : open()) },
    icon("M4.5 3.5h11a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9.6L5.9 16.6v-3.1H4.5a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2Z"), badge);
  const title = make("h2"), greeting = make("p");
  const shut = make("button", { type: "button", className: "close", onclick: () => close() }, icon("m5 5 10 10M15 5 5 15"));
  const said = make("p");
  said.setAttribute("role", "status");
  const again = make("button", { type: "button", onclick: () => load("chat") });
  const notice = make("div", { className: "notice" }, said, again);
  const panel = make("section", { className: "panel shut" }, make("header", {}, make("div", {}, title, greeting), shut), notice);
  panel.setAttribute("role", "dialog");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(panel, launcher);
  shadow.addEventListener("keydown", (event) => event.key === "Escape" && isOpen && close());

  function draw() {
    root.dir = getComputedStyle(document.documentElement).direction;
    root.hidden = state === "refused" || (state === "loading" && !page && !isOpen);
    const label = isOpen ? words[1] : words[0] + (unread ? `, ${unread} ${words[2]}` : "");
    launcher.setAttribute("aria-label", label);
    launcher.setAttribute("aria-expanded", isOpen);
    shut.setAttribute("aria-label", words[1]);
    panel.setAttribute("aria-label", title.textContent || words[0]);
    badge.hidden = !unread || isOpen;
    badge.textContent = unread > 9 ? "9+" : unread;
    said.textContent = state === "unavailable" ? words[4] : words[3];
    again.textContent = words[5];
    again.hidden = state !== "unavailable";
    const ready = state === "ready" && page === "chat";
    notice.hidden = ready;
    panel.classList.toggle("ready", ready);
    panel.classList.toggle("shut", !isOpen);
  }

  function emit(name, detail) {
    for (const heard of listeners[name] || []) {
      try { heard(detail); } catch (error) { setTimeout(() => { throw error; }); }
    }
  }

  /** A new frame each time: an address changed in an old one would be a step of the page's history. */
  function load(wanted) {
    frame?.remove();
    state = "loading";
    const url = `${base}/widget/frame/?key=${encodeURIComponent(key)}&origin=${encodeURIComponent(location.origin)}&page=${wanted}`;
    frame = make("iframe", { src: url, name: `omnicqm ${location.origin}`, title: words[0], allow: `microphone ${base}; clipboard-write ${base}` });
    frame.addEventListener("load", () => { give(AFTER_LOAD); tell("ping"); });
    panel.append(frame);
    give(SLOW);
    draw();
  }

  /** Whoever is not heard of within `time` is not there. */
  function give(time) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      frame.remove();
      state = "unavailable";
      for (const { fail } of waiting.splice(0)) fail("unavailable", words[4]);
      draw();
      emit("unavailable", {});
    }, time);
  }

  function tell(type, more) {
    frame.contentWindow?.postMessage({ omnicqm: 1, type, ...more }, base);
  }

  function hear({ source, origin, data }) {
    if (origin !== base || source !== frame?.contentWindow || data?.omnicqm !== 1) return;
    if (data.type === "ready") onReady(data);
    else if (data.type === "refused") onRefused(data);
    else if (data.type === "unread") onUnread(data.unread);
    else if (data.type === "pong") clearTimeout(timer);
    else if (data.type === "message") emit("message", {});
    else if (data.type === "close") close();
    else if (data.id === waiting[0]?.id && data.type === "done") waiting.shift().done(data);
    else if (data.id === waiting[0]?.id && data.type === "failed") waiting.shift().fail(data.code, data.detail);
  }

  function onReady(data) {
    clearTimeout(timer);
    const { look } = data, first = !page;
    state = "ready";
    page = data.page;
    words = WORDS[look.language] || words;
    title.textContent = look.title;
    greeting.textContent = look.greeting;
    root.style.setProperty("--colour", look.colour);
    root.style.setProperty("--ink", look.ink);
    root.classList.toggle("start", look.position === "start");
    if (page === "boot") onUnread(data.unread);
    if (isOpen && page === "boot" && !waiting.length) return load("chat");
    draw();
    if (isOpen) { frame.focus(); tell("shown", { open: true }); }
    next();
    if (first) emit("ready", {});
  }

  function onRefused({ code, detail }) {
    clearTimeout(timer);
    frame.remove();
    if (code === "rate_limited" || code === "unavailable") {
      state = "unavailable";
    } else {
      state = "refused";
      isOpen = false;
    }
    for (const { fail } of waiting.splice(0)) fail(code, detail);
    draw();
    console.warn(`OmniCQM: ${detail} (${code})`);
    emit("error", { code, detail });
  }

  function onUnread(count) {
    if (count === unread) return;
    unread = count;
    draw();
    emit("unread", { unread });
  }

  function open() {
    if (isOpen || state === "refused") return;
    isOpen = true;
    draw();
    if (state === "unavailable" || (state === "ready" && page === "boot" && !waiting.length)) load("chat");
    else if (state === "ready") { frame.focus(); tell("shown", { open: true }); }
    if (state !== "ready") shut.focus();
    emit("open", {});
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    if (shadow.activeElement) launcher.focus();
    draw();
    if (state === "ready") tell("shown", { open: false });
    emit("close", {});
  }

  /** One request after the other; each waits for a frame that can pass it on. */
  function ask(type, more) {
    return new Promise((resolve, reject) => {
      const request = { id: ++last, type, more };
      request.done = (data) => {
        emit(type === "identify" ? "identified" : "loggedout", {});
        resolve({ changed: data.changed });
        if (!data.changed) next(); // else the frame loads again
        if (isOpen && page === "boot" && !waiting.length) load("chat");
      };
      request.fail = (code, detail) => {
        emit("error", { code, detail });
        reject(Object.assign(new Error(detail), { code }));
        next();
        if (isOpen && state === "ready" && page === "boot" && !waiting.length) load("chat");
      };
      waiting.push(request);
      if (state === "refused") waiting.pop().fail("refused", "This page has no chat.");
      else if (state === "unavailable") load(isOpen ? "chat" : "boot");
      else if (state === "ready" && waiting.length === 1) next();
    });
  }

  function next() {
    if (state === "ready" && waiting[0]) tell(waiting[0].type, { id: waiting[0].id, ...waiting[0].more });
  }

  function destroy() {
    clearTimeout(timer);
    removeEventListener("message", hear);
    root.remove();
    for (const { fail } of waiting.splice(0)) fail("destroyed", "The widget was taken off the page.");
    delete window.OmniCQM;
  }

  const api = {
    version: 1,
    open, close, destroy,
    toggle: () => (isOpen ? close() : open()),
    identify: (token) => quiet(ask("identify", { token })),
    logout: () => quiet(ask("logout", {})),
    on(name, heard) {
      (listeners[name] ||= new Set()).add(heard);
      return () => listeners[name].delete(heard);
    },
    off: (name, heard) => listeners[name]?.delete(heard),
    push: (...calls) => calls.forEach((call) => (typeof call === "function" ? call(api) : api[call[0]]?.(...call.slice(1)))),
    get isOpen() { return isOpen; },
  };

  /** Who only listens to the event "error" need not catch the promise too. */
  function quiet(promise) {
    promise.catch(() => {});
    return promise;
  }

  window.OmniCQM = api;
  addEventListener("message", hear);
  document.documentElement.append(root); // beside the body, which single-page applications replace
  load("boot");
  if (Array.isArray(queued)) api.push(...queued);
})();
