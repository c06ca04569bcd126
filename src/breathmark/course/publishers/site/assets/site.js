"use strict";
// The player of a session, or of several in a row. What it has to know lies in the page, since a page on a disk can
// load nothing but programs. Nothing that it remembers leaves the device.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("session-data").textContent);
  const words = data.words, audio = document.querySelector("audio");
  const play = byId("play"), position = byId("position"), caption = byId("caption"), chapters = byId("chapters");
  const choices = ["mark", "voice", "ambience", "preset"];
  const radios = [...document.querySelectorAll("input[name=length]")];
  const selects = [...document.querySelectorAll("select[data-choice]")];
  const minutes = byId("minutes"), bells = byId("bells"), sound = byId("sound"), level = byId("level"), sleep = byId("sleep");
  const packs = data.packs || [], composer = self.BreathmarkCompose;
  const bed = sound ? new self.BreathmarkAmbience() : null;
  const SKIP_S = 15, SHORTEST_QUIET_S = 8, SLEEP_FADE_S = 10, SAVE_MS = 4000;
  const remembered = data.day ? "day" : "length";
  let current = null, track = null, address = "", wanted = null, saved = 0, asleep = 0, composing = packs.length > 0;

  // ---- What is remembered, for all pages of the course. Another program, or an older page, may have written it.
  const isMark = (mark) => typeof mark === "string" && /^[\d.e+]+s$/.test(mark);
  const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isTrue = {
    queue: (ids) => Array.isArray(ids) && ids.every((id) => typeof id === "string"),
    places: (places) => isMap(places) && Object.values(places).every((left) => isMap(left) && left.at >= 0 && isMark(left.mark)),
    length: (length_s) => length_s > 0, day: (length_s) => length_s > 0,
  };
  const store = (() => {
    const key = `breathmark ${data.key}`;
    const raw = () => {
      try { return JSON.parse(localStorage.getItem(key) || "{}"); } catch (error) { return error instanceof SyntaxError ? null : {}; }
    };
    const isKnown = ([name, value]) => !isTrue[name] || isTrue[name](value);
    const read = () => { const found = raw(); return isMap(found) ? Object.fromEntries(Object.entries(found).filter(isKnown)) : {}; };
    return {
      isWhole: () => { const found = raw(); return isMap(found) && Object.entries(found).every(isKnown); },
      get: (name, otherwise) => { const found = read()[name]; return found === undefined ? otherwise : found; },
      set: (name, value) => { try { localStorage.setItem(key, JSON.stringify({ ...read(), [name]: value })); } catch { /* it is forgotten, then */ } },
    };
  })();
  const place = () => store.get("places", {})[data.page];
  const remember = (at) => {
    saved = performance.now();
    const places = store.get("places", {});
    if (at > 5 && at < duration() - 5) places[data.page] = { at: Math.round(at), mark: current.mark }; else delete places[data.page];
    store.set("places", places);
  };

  const clock = (s) => {
    const whole = Math.max(0, Math.floor(s));
    const [h, m, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return (h ? `${h}:${String(m).padStart(2, "0")}` : String(m)) + `:${String(rest).padStart(2, "0")}`;
  };
  const spoken = (s) => (s < 60 ? `${s} ${words.seconds}` : `${Math.floor(s / 60)} ${words.minutes}${s % 60 ? ` ${s % 60} ${words.seconds}` : ""}`);
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const tell = (text) => { byId("trouble").textContent = text; };
  const duration = () => current.duration_s;
  // Where playback is, or will be as soon as the recording is loaded far enough to be moved in.
  const now = () => (wanted === null ? audio.currentTime : wanted);
  const chapterAt = (s) => current.chapters.findLastIndex((chapter) => chapter.start_s <= s + 0.05);

  const show = () => {
    if (!current) return;
    const at = now(), index = chapterAt(at);
    byId("now").textContent = clock(at);
    position.value = Math.round(at);
    const title = index < 0 ? "" : `, ${current.chapters[index].title}`;
    position.setAttribute("aria-valuetext", `${clock(at)} ${words.of} ${clock(duration())}${title}`);
    [...chapters.querySelectorAll("button")].forEach((button, i) => {
      if (i === index) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    if (!audio.paused && performance.now() - saved > SAVE_MS) remember(at);
    if ("mediaSession" in navigator && navigator.mediaSession.setPositionState && audio.readyState > 0) {
      navigator.mediaSession.setPositionState({ duration: duration(), position: Math.min(at, duration()), playbackRate: 1 });
    }
  };

  const go = (s) => {
    if (!current) return;
    const to = Math.min(Math.max(0, s), Math.max(0, duration() - 0.05));
    if (audio.readyState > 0) { wanted = null; audio.currentTime = to; } else { wanted = to; }
    byId("resumed").hidden = true;
    show();
  };

  const start = () => {
    if (!current) return;
    audio.play().catch((error) => { if (error.name !== "AbortError") tell(words.unplayable); });
  };
  const toggle = () => (audio.paused ? start() : audio.pause());

  // ---- Captions, and how long the quiet lasts where there are none
  const quietAt = (at) => {
    const cues = [...(track ? track.track.cues || [] : [])];
    const after = cues.findIndex((cue) => cue.startTime > at);
    const before = after < 0 ? cues.length - 1 : after - 1;
    const from = before < 0 ? 0 : cues[before].endTime, to = after < 0 ? duration() : cues[after].startTime;
    return from <= at + 0.3 ? to - from : 0;
  };
  const setCaption = () => {
    if (!track) return;
    const text = [...(track.track.activeCues || [])].map((cue) => cue.getCueAsHTML().textContent).join("\n");
    const quiet_s = text || !byId("show-rests").checked || !now() ? 0 : quietAt(now());
    caption.textContent = quiet_s >= SHORTEST_QUIET_S ? words.quiet.replace("{length}", spoken(Math.round(quiet_s))) : text;
    caption.classList.toggle("quiet", !text);
  };
  const setCaptions = () => {
    if (track) track.remove();
    if (address) URL.revokeObjectURL(address);
    track = null; address = ""; caption.textContent = "";
    if (!current.captions) return;
    address = URL.createObjectURL(new Blob([current.captions], { type: "text/vtt" }));
    track = Object.assign(document.createElement("track"), {
      kind: "captions", srclang: data.language, label: words.captions, src: address, default: true,
    });
    audio.append(track);
    track.track.mode = "hidden"; // the cues are heard of, and shown below the player
    track.track.addEventListener("cuechange", setCaption);
  };

  const setChapters = () => {
    byId("chapters-box").hidden = !current.chapters.length;
    chapters.replaceChildren(...current.chapters.map((chapter) => {
      const button = make("button", "");
      const at = make("span", clock(chapter.start_s));
      button.type = "button"; at.className = "at";
      button.append(make("span", chapter.title), at);
      button.addEventListener("click", () => { go(chapter.start_s); start(); });
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
  };

  const setTranscript = () => {
    byId("transcript-box").hidden = !current.transcript.length;
    byId("transcript").replaceChildren(...current.transcript.map((each) => make(each.heading ? "h3" : "p", each.text)));
  };

  // ---- The lock screen's and the headset's buttons
  const nextChapter = (by) => {
    if (!current.chapters.length) return;
    const index = chapterAt(now()), inside = index >= 0 && now() - current.chapters[index].start_s > 3;
    const to = current.chapters[by > 0 ? index + 1 : (inside ? index : index - 1)];
    if (to) go(to.start_s); else if (by < 0) go(0);
  };
  const setSession = () => {
    if (!("mediaSession" in navigator)) return;
    const src = new URL(data.picture, location.href).href;
    const artwork = src.startsWith("http") ? [{ src }] : []; // browsers take no other
    navigator.mediaSession.metadata = new MediaMetadata({ title: current.title || data.title, album: data.course, artwork });
    Object.entries({
      play: start, pause: () => audio.pause(), stop: () => audio.pause(),
      seekbackward: (asked) => go(now() - (asked.seekOffset || SKIP_S)), seekforward: (asked) => go(now() + (asked.seekOffset || SKIP_S)),
      seekto: (asked) => go(asked.seekTime), previoustrack: () => nextChapter(-1), nexttrack: () => nextChapter(1),
    }).forEach(([name, handler]) => { try { navigator.mediaSession.setActionHandler(name, handler); } catch { /* this browser has no such button */ } });
  };

  // Where to go on in `next`: at the same moment where only the sound differs, else where the same chapter begins.
  const placeIn = (next) => {
    if (!current || !now()) return 0;
    if (next.mark === current.mark && (next.voice === current.voice || next.src === current.src)) return now();
    const index = chapterAt(now());
    const same = index > 0 && next.chapters.find((chapter) => chapter.title === current.chapters[index].title);
    return same ? same.start_s : 0;
  };

  const choose = (next) => {
    if (next === current) return;
    const playing = current && !audio.paused, at = placeIn(next);
    if (current && current.src.startsWith("blob:")) URL.revokeObjectURL(current.src);
    current = next;
    tell("");
    if (audio.getAttribute("src") !== next.src) audio.src = next.src;
    position.max = Math.round(duration());
    byId("total").textContent = clock(duration());
    radios.forEach((radio) => { radio.checked = radio.value === next.mark; });
    selects.forEach((select) => { select.value = next[select.dataset.choice]; });
    setCaptions(); setChapters(); setTranscript(); setSession();
    if (byId("save")) Object.assign(byId("save"), { href: next.src, download: next.file || "", hidden: !next.file });
    go(at);
    if (playing) start();
  };

  // The recording with the chosen value, and with as much of the present one as there is.
  const pick = (name, value) => {
    const fitting = data.recordings.filter((each) => each[name] === value);
    const likeness = (each) => choices.filter((choice) => current && each[choice] === current[choice]).length;
    fitting.sort((one, other) => likeness(other) - likeness(one));
    if (fitting.length) choose(fitting[0]);
  };

  // ---- Any length, from packs
  const loaded = new Map();
  const bytesOf = async (name) => {
    const answer = await fetch(name).catch(() => null);
    if (!answer || !answer.ok) throw new composer.Refused(words.unreachable);
    return new Uint8Array(await answer.arrayBuffer());
  };
  // A page on a disk may load a program, and so the pack comes in one.
  const fromDisk = (base) => new Promise((done, fail) => {
    const script = Object.assign(document.createElement("script"), { src: `${base}.js`, charset: "windows-1252" });
    script.onload = async () => {
      const key = decodeURIComponent(base), found = (self.breathmarkPacks || {})[key];
      script.remove();
      if (!found) { fail(new composer.Refused(words.damaged)); return; }
      delete self.breathmarkPacks[key];
      done([await composer.bytesOf(found.pack, found.turn), await composer.bytesOf(found.plans, found.turn)]);
    };
    script.onerror = () => fail(new composer.Refused(words.unreachable));
    document.head.append(script);
  });
  const load = (each) => {
    if (!loaded.has(each.base)) {
      const reading = (async () => {
        const [whole, lengths] = location.protocol === "file:" ? await fromDisk(each.base)
          : await Promise.all([bytesOf(`${each.base}.pack`), bytesOf(`${each.base}.plans.json`)]);
        const pack = await composer.readPack(whole, words);
        return { pack, plans: await composer.readPlans(lengths, pack, words) };
      })();
      reading.catch((error) => {
        loaded.delete(each.base);
        if (data.day && error instanceof composer.Refused) error.message = `${each.title}: ${error.message}`;
      });
      loaded.set(each.base, reading);
    }
    return loaded.get(each.base);
  };

  const voiced = () => {
    const select = byId("pack-voice"), wish = select ? select.value : "";
    return (found) => found.find((each) => each.voice === wish) || found[0];
  };
  const queue = () => (data.day ? dayQueue().map((id) => voiced()(packs.filter((each) => each.session === id))) : [voiced()(packs)]);
  const wholeMinutes = (pack) => pack.lengths_s.filter((each) => each % 60 === 0).map((each) => each / 60);
  const shares = () => {
    const asked = queue();
    if (asked.length === 1) return [lengthAsked()];
    return composer.share(lengthAsked() / 60, asked.map((each) => ({ minutes: wholeMinutes(each), ideal: each.ideal_s / 60 }))).map((each) => each * 60);
  };
  let lengthWish = 0, turn = 0, busy = Promise.resolve();
  const lengthAsked = () => lengthWish;

  const compose = async () => {
    turn += 1;
    const mine = turn, asked = queue();
    if (!asked.length) return;
    byId("total").textContent = clock(lengthAsked());
    try {
      const lengths = shares();
      const chosen = await Promise.all(asked.map(async (each, number) => {
        const found = await load(each);
        return { ...found, plan: found.plans.lengths.find((plan) => Math.abs(plan.length_s - lengths[number]) < 0.001) };
      }));
      await busy; // one file at a time is held
      if (mine !== turn) return;
      const made = composer.compose(chosen, bells.value);
      busy = made.catch(() => {});
      const blob = await made;
      const texts = composer.shown(chosen, data.day && asked.length > 1);
      await composer.breath();
      if (mine !== turn) return;
      const total = lengths.reduce((sum, each) => sum + each, 0), file = `${data.page}-${spoken(total).replace(/[^0-9a-z]+/gi, "")}.mp3`;
      const title = asked.map((each) => each.title).join(", ");
      choose({ ...texts, mark: `${total}s`, voice: asked[0].voice, title, file, src: URL.createObjectURL(blob) });
      resume();
    } catch (error) {
      if (mine === turn) failed(error);
    }
  };
  // The recordings are still there.
  const failed = (error) => {
    const text = error instanceof composer.Refused ? error.message : words.unplayable;
    if (!(error instanceof composer.Refused)) console.error(error);
    if (!current && data.recordings.length) {
      composing = false;
      pick("mark", `${lengthWish}s`);
      if (!current) choose(data.recordings[0]);
      lengthWish = parseFloat(current.mark);
      showMinutes();
    }
    tell(data.recordings.length ? `${text} ${words.recordings_left}` : text);
  };

  // Asked for at each move of the slider; they change only with the sessions.
  let possible = { of: "", minutes: [] };
  const possibleMinutes = () => {
    const asked = queue(), of = asked.map((each) => each.base).join("\n");
    if (of !== possible.of) possible = { of, minutes: asked.length ? composer.sums(asked.map(wholeMinutes)) : [] };
    return possible.minutes;
  };
  // The slider's track is open where no length is possible.
  const setMinutes = () => {
    const all = possibleMinutes();
    minutes.disabled = all.length < 2;
    if (!all.length) return;
    const first = all[0], last = all[all.length - 1], span = Math.max(last - first, 1);
    minutes.min = first; minutes.max = last;
    const holes = [];
    all.forEach((each, index) => { if (index && each - all[index - 1] > 1) holes.push([all[index - 1], each]); });
    const percent = (minute) => `${((minute - first) / span * 100).toFixed(2)}%`;
    const stops = holes.flatMap(([from, to]) => [["var(--rail)", from + 0.3], ["transparent", from + 0.3], ["transparent", to - 0.3], ["var(--rail)", to - 0.3]]);
    const track = [["var(--rail)", first], ...stops, ["var(--rail)", last]].map(([colour, minute]) => `${colour} ${percent(minute)}`);
    minutes.style.setProperty("--track", `linear-gradient(to right, ${track.join(", ")})`);
    const spans = [first, ...holes.flat(), last], pairs = [];
    for (let at = 0; at < spans.length; at += 2) pairs.push(spans[at] === spans[at + 1] ? `${spans[at]}` : `${spans[at]}–${spans[at + 1]}`);
    byId("possible").textContent = words.possible.replace("{spans}", pairs.join(", "));
  };
  const showMinutes = () => {
    const text = spoken(lengthWish);
    byId("minutes-now").textContent = text;
    minutes.setAttribute("aria-valuetext", text);
    minutes.value = Math.round(lengthWish / 60);
    radios.forEach((radio) => { radio.checked = radio.value === `${lengthWish}s`; });
    if (data.day) dayShown();
  };
  // To a possible length, beyond a hole where it is moved into one.
  const wish = (length_s) => {
    const all = possibleMinutes(), asked = queue(), own = asked.length === 1 ? asked[0].lengths_s : [];
    if (own.includes(length_s)) { lengthWish = length_s; showMinutes(); return; }
    const minute = Math.round(length_s / 60), before = lengthWish / 60;
    if (!all.length) {
      if (own.length) lengthWish = own.reduce((best, each) => (Math.abs(each - length_s) < Math.abs(best - length_s) ? each : best));
      showMinutes();
      return;
    }
    const away = (each) => Math.abs(each - minute) + (Math.sign(each - minute) === Math.sign(before - minute) && each !== minute ? 0.4 : 0);
    let found = all.reduce((best, each) => (away(each) < away(best) ? each : best));
    if (found === before && minute !== before) {
      const further = all.filter((each) => (minute > before ? each > before : each < before));
      if (further.length) found = minute > before ? further[0] : further[further.length - 1];
    }
    lengthWish = found * 60;
    showMinutes();
  };

  // ---- Several sessions in a row; those of another tab are its own
  let dayIds = store.get("queue", []).filter((id) => packs.some((each) => each.session === id));
  const dayQueue = () => dayIds;
  const titleOf = (id) => packs.find((each) => each.session === id).title;
  const idealOf = (id) => packs.find((each) => each.session === id).ideal_s;
  const setQueue = (ids, by_s = 0) => {
    dayIds = ids;
    store.set("queue", ids);
    setMinutes();
    wish(Math.max(lengthWish + by_s, 60));
    store.set(remembered, lengthWish);
    byId("day-player").hidden = !ids.length;
    if (ids.length) compose(); else audio.pause();
  };
  const dayShown = () => {
    const ids = dayQueue(), lengths = ids.length ? shares() : [];
    byId("queue").replaceChildren(...ids.map((id, index) => {
      const item = make("li", ""), tools = make("span", "");
      tools.className = "tools";
      const tool = (sign, name, moved, by_s = 0) => {
        const button = Object.assign(make("button", sign), { type: "button" });
        button.setAttribute("aria-label", `${name}: ${titleOf(id)}`);
        button.addEventListener("click", () => { setQueue(moved, by_s); byId("day-add").focus(); });
        tools.append(button);
      };
      const others = ids.filter((_, other) => other !== index);
      if (index) tool("↑", words.day_up, [...ids.slice(0, index - 1), id, ids[index - 1], ...ids.slice(index + 1)]);
      tool("×", words.day_remove, others, -idealOf(id));
      item.append(make("span", titleOf(id)), Object.assign(make("span", spoken(lengths[index])), { className: "at" }), tools);
      return item;
    }));
    byId("queue-empty").hidden = ids.length > 0;
  };

  // ---- The sound around the voice
  const setSound = () => {
    if (!bed) return;
    const chosen = data.ambiences[Number(sound.value)] || null, by_db = Number(level.value);
    level.disabled = !chosen;
    byId("level-now").textContent = `${by_db > 0 ? "+" : ""}${by_db} dB`;
    level.setAttribute("aria-valuetext", `${by_db} dB`);
    bed.choose(chosen, chosen ? 10 ** ((data.voice_lufs - data.below_lu + by_db - chosen.lufs) / 20) : 0);
  };

  // ---- Going to sleep
  const doze = () => {
    if (!asleep || audio.paused) return;
    const left = (asleep - performance.now()) / 1000;
    const dim = Math.max(left / SLEEP_FADE_S, 0);
    if (dim >= 1) return;
    audio.volume = dim ** 2;
    if (bed) bed.setDim(dim ** 2);
    if (left <= 0) { audio.pause(); asleep = 0; sleep.value = "0"; audio.volume = 1; }
  };
  setInterval(doze, 250);

  // ---- Where the listener left off
  let hasResumed = false;
  const resume = () => {
    if (hasResumed) return;
    hasResumed = true;
    const left = place();
    if (!left || left.mark !== current.mark || !audio.paused) return;
    go(left.at);
    byId("resumed").hidden = false;
    byId("resumed-at").textContent = words.going_on.replace("{time}", clock(left.at));
  };

  // ---- Wiring
  byId("forgotten").hidden = store.isWhole();
  audio.controls = false;
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  audio.addEventListener("loadedmetadata", () => { if (wanted !== null) { const to = wanted; wanted = null; audio.currentTime = Math.min(to, duration()); show(); } });
  ["timeupdate", "seeked"].forEach((event) => audio.addEventListener(event, () => { show(); setCaption(); }));
  ["play", "pause", "ended"].forEach((event) => audio.addEventListener(event, () => {
    play.classList.toggle("on", !audio.paused);
    play.setAttribute("aria-label", audio.paused ? words.play : words.pause);
    if (current) remember(now());
    if (bed && audio.paused) bed.stop(audio.ended ? 4 : undefined); else if (bed) bed.start();
  }));
  audio.addEventListener("error", () => { if (audio.getAttribute("src")) tell(words.unplayable); });
  window.addEventListener("pagehide", () => { if (current) remember(now()); });
  play.addEventListener("click", toggle);
  byId("back").addEventListener("click", () => go(now() - SKIP_S));
  byId("forward").addEventListener("click", () => go(now() + SKIP_S));
  byId("from-start").addEventListener("click", () => { go(0); play.focus(); });
  position.addEventListener("input", () => go(Number(position.value)));
  ["show-captions", "show-rests"].forEach((id) => {
    byId(id).checked = store.get(id, id === "show-captions");
    const set = () => { caption.parentElement.hidden = !byId("show-captions").checked; setCaption(); };
    byId(id).addEventListener("change", (event) => { store.set(id, event.target.checked); set(); });
    set();
  });
  radios.forEach((radio) => radio.addEventListener("change", () => {
    const length_s = Number(radio.value.slice(0, -1));
    store.set(remembered, length_s);
    if (composing) { wish(length_s); compose(); } else pick("mark", radio.value);
    history.replaceState(null, "", `#${radio.value}`);
  }));
  selects.forEach((select) => select.addEventListener("change", () => {
    store.set(select.dataset.choice, select.value);
    pick(select.dataset.choice, select.value);
  }));
  sleep.addEventListener("change", () => {
    asleep = Number(sleep.value) ? performance.now() + Number(sleep.value) * 60000 : 0;
    audio.volume = 1;
    if (bed) bed.setDim(1);
  });
  // The keys of players, wherever no control has them: Space, and the arrows for 15 seconds.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const on = event.target instanceof Element && event.target.closest("input, select, textarea, button, summary, a, [contenteditable]");
    if (event.key === " " && !(on && !on.matches("a, input[type=range]"))) { event.preventDefault(); toggle(); }
    if (on && on.matches("input, select, textarea")) return;
    if (event.key === "ArrowLeft") go(now() - SKIP_S);
    else if (event.key === "ArrowRight") go(now() + SKIP_S);
    else return;
    event.preventDefault();
  });

  const marked = () => (isMark(location.hash.slice(1)) ? Number(location.hash.slice(1, -1)) : 0);
  const begin = () => {
    const left = place(), asked = marked() || (left && Number(left.mark.slice(0, -1))) || store.get(remembered, 0);
    if (!composing) {
      const known = (name) => data.recordings.some((each) => each[name] === store.get(name));
      choose(data.recordings[0]);
      ["voice", "ambience", "preset"].forEach((name) => { if (known(name)) pick(name, store.get(name)); });
      pick("mark", `${asked}s`);
      resume();
      return;
    }
    setMinutes();
    wish(asked || queue().reduce((sum, each) => sum + each.ideal_s, 0));
    if (data.day) setQueue(dayQueue()); else compose();
  };
  if (composing) {
    const voice = byId("pack-voice");
    const pairs = [[bells, "bells"], [sound, "sound"], [level, "level"], [voice, "voice"]];
    pairs.forEach(([control, name]) => {
      if (!control) return;
      const known = store.get(name);
      if (known !== undefined && (control.type === "range" || [...control.options].some((option) => option.value === known))) control.value = known;
      control.addEventListener("change", () => store.set(name, control.value));
    });
    [bells, voice].forEach((control) => { if (control) control.addEventListener("change", () => { setMinutes(); wish(lengthWish); compose(); }); });
    if (sound) { sound.addEventListener("change", setSound); level.addEventListener("input", setSound); setSound(); }
    minutes.addEventListener("input", () => wish(Number(minutes.value) * 60));
    minutes.addEventListener("change", () => {
      store.set(remembered, lengthWish);
      if (!data.day) history.replaceState(null, "", `#${lengthWish}s`);
      compose();
    });
    if (data.day) {
      byId("day-add").addEventListener("change", (event) => {
        if (event.target.value) setQueue([...dayQueue(), event.target.value], idealOf(event.target.value));
        event.target.value = "";
      });
    }
  }
  window.addEventListener("hashchange", () => {
    if (!marked()) return;
    if (composing) { wish(marked()); compose(); } else pick("mark", `${marked()}s`);
  });
  begin();
})();
