"use strict";
// One session's player. All that it needs lies in the page, since a page on a disk can load nothing.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("session-data").textContent);
  const audio = document.querySelector("audio");
  const play = byId("play"), position = byId("position"), caption = byId("caption"), chapters = byId("chapters");
  const choices = ["mark", "voice", "ambience", "preset"];
  const radios = [...document.querySelectorAll("input[name=length]")];
  const selects = [...document.querySelectorAll("select[data-choice]")];
  const skipS = 15;
  let current = null, track = null, address = "", wanted = null;

  const clock = (s) => {
    const whole = Math.max(0, Math.floor(s));
    const [h, m, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return (h ? `${h}:${String(m).padStart(2, "0")}` : String(m)) + `:${String(rest).padStart(2, "0")}`;
  };
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const duration = () => current.duration_s;
  // Where playback is, or will be as soon as the recording is loaded far enough to be moved in.
  const now = () => (wanted === null ? audio.currentTime : wanted);
  const chapterAt = (s) => current.chapters.findLastIndex((chapter) => chapter.start_s <= s + 0.05);

  const show = () => {
    const at = now(), index = chapterAt(at);
    byId("now").textContent = clock(at);
    position.value = Math.round(at);
    const title = index < 0 ? "" : `, ${current.chapters[index].title}`;
    position.setAttribute("aria-valuetext", `${clock(at)} ${data.words.of} ${clock(duration())}${title}`);
    [...chapters.querySelectorAll("button")].forEach((button, i) => {
      if (i === index) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  };

  const go = (s) => {
    const to = Math.min(Math.max(0, s), Math.max(0, duration() - 0.05));
    if (audio.readyState > 0) { wanted = null; audio.currentTime = to; } else { wanted = to; }
    show();
  };

  const start = () => audio.play().catch((error) => {
    if (error.name !== "AbortError") byId("trouble").textContent = data.words.unplayable;
  });

  const setCaptions = () => {
    if (track) track.remove();
    if (address) URL.revokeObjectURL(address);
    track = null; address = ""; caption.textContent = "";
    if (!current.captions) return;
    address = URL.createObjectURL(new Blob([current.captions], { type: "text/vtt" }));
    track = Object.assign(document.createElement("track"), {
      kind: "captions", srclang: data.language, label: data.words.captions, src: address, default: true,
    });
    audio.append(track);
    track.track.mode = "hidden"; // the cues are heard of, and shown below the player
    const own = track.track;
    own.addEventListener("cuechange", () => {
      caption.textContent = [...(own.activeCues || [])].map((cue) => cue.getCueAsHTML().textContent).join("\n");
    });
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

  const setSession = () => {
    if (!("mediaSession" in navigator)) return;
    const src = new URL(data.picture, location.href).href;
    const artwork = src.startsWith("http") ? [{ src }] : []; // browsers take no other
    navigator.mediaSession.metadata = new MediaMetadata({ title: data.title, album: data.course, artwork });
  };

  // Where to go on in `next`: at the same moment where only the sound differs, else where the same chapter begins.
  const placeIn = (next) => {
    if (!current || !now()) return 0;
    if (next.mark === current.mark && next.voice === current.voice) return now();
    const index = chapterAt(now());
    const same = index > 0 && next.chapters.find((chapter) => chapter.title === current.chapters[index].title);
    return same ? same.start_s : 0;
  };

  const choose = (next) => {
    if (next === current) return;
    const playing = current && !audio.paused, at = placeIn(next);
    current = next;
    byId("trouble").textContent = "";
    if (audio.getAttribute("src") !== next.src) audio.src = next.src;
    position.max = Math.round(duration());
    byId("total").textContent = clock(duration());
    radios.forEach((radio) => { radio.checked = radio.value === next.mark; });
    selects.forEach((select) => { select.value = next[select.dataset.choice]; });
    setCaptions(); setChapters(); setTranscript(); setSession();
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

  audio.controls = false;
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  audio.addEventListener("loadedmetadata", () => { if (wanted !== null) go(wanted); });
  ["timeupdate", "seeked"].forEach((event) => audio.addEventListener(event, show));
  ["play", "pause", "ended"].forEach((event) => audio.addEventListener(event, () => {
    play.classList.toggle("on", !audio.paused);
    play.setAttribute("aria-label", audio.paused ? data.words.play : data.words.pause);
  }));
  audio.addEventListener("error", () => { byId("trouble").textContent = data.words.unplayable; });
  play.addEventListener("click", () => (audio.paused ? start() : audio.pause()));
  byId("back").addEventListener("click", () => go(now() - skipS));
  byId("forward").addEventListener("click", () => go(now() + skipS));
  position.addEventListener("input", () => go(Number(position.value)));
  byId("show-captions").addEventListener("change", (event) => { caption.parentElement.hidden = !event.target.checked; });
  radios.forEach((radio) => radio.addEventListener("change", () => {
    pick("mark", radio.value);
    history.replaceState(null, "", `#${radio.value}`);
  }));
  selects.forEach((select) => select.addEventListener("change", () => pick(select.dataset.choice, select.value)));
  const fromAddress = () => { if (/^#[\d.e+]+s$/.test(location.hash)) pick("mark", location.hash.slice(1)); };
  window.addEventListener("hashchange", fromAddress);
  choose(data.recordings[0]);
  fromAddress();
})();
