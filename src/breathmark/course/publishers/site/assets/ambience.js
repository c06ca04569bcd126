"use strict";
// The sound under the voice: a loop of its own, with its own level, faded in and out and from one sound to another.
// Two players take turns, each faded into the next, so that no browser's gap is heard. From a host the level is
// WebAudio's, which every system heeds; a page on a disk may only set that of the player.
self.BreathmarkAmbience = (() => {
  const TURN_S = 5, SWITCH_S = 3, START_S = 2, STOP_S = 0.6, TICK_MS = 40;
  const served = location.protocol !== "file:" && "AudioContext" in window;
  let context = null;

  const makePlayer = (src) => {
    const element = new Audio(src);
    element.preload = "auto";
    if (!served) { element.volume = 0; return { element, gain: null, timer: 0 }; }
    if (!context) context = new AudioContext();
    const gain = context.createGain();
    gain.gain.value = 0;
    context.createMediaElementSource(element).connect(gain).connect(context.destination);
    return { element, gain, timer: 0 };
  };
  const levelOf = (player) => (player.gain ? player.gain.gain.value : player.element.volume);
  const setLevel = (player, level) => {
    if (player.gain) player.gain.gain.value = level; else player.element.volume = Math.min(level, 1);
  };
  // To `level`, along a sine: what goes and what comes have one power together.
  const fade = (player, level, seconds, then = () => {}) => {
    clearInterval(player.timer);
    const from = levelOf(player), began = performance.now();
    const step = () => {
      const part = seconds ? Math.min((performance.now() - began) / 1000 / seconds, 1) : 1, turn = part * Math.PI / 2;
      if (part === 1) setLevel(player, level);
      else setLevel(player, level > from ? from + (level - from) * Math.sin(turn) : level + (from - level) * Math.cos(turn));
      if (part === 1) { clearInterval(player.timer); then(); }
    };
    player.timer = setInterval(step, TICK_MS);
    step();
  };

  return class {
    constructor() { this.sound = null; this.level = 0; this.current = null; this.leaving = new Set(); this.going = false; this.dim = 1; }

    // `sound` is {src}, or null for none; `level` an amplitude. What sounds goes over into it.
    choose(sound, level) {
      if ((sound && sound.src) === (this.sound && this.sound.src)) { this.setLevel(level); return; }
      const old = this.current;
      this.sound = sound; this.level = level; this.current = null;
      if (old) this.leaving.add(old);
      if (sound && this.going) this.begin(old ? SWITCH_S : START_S); else this.release(SWITCH_S);
    }

    setLevel(level) { this.level = level; if (this.current && this.going) fade(this.current, level * this.dim, 0.2); }

    // For the sleep timer: a factor on the level.
    setDim(dim) { this.dim = dim; if (this.current && this.going) { clearInterval(this.current.timer); setLevel(this.current, this.level * dim); } }

    start() {
      if (this.going) return;
      this.going = true; this.dim = 1;
      if (context) context.resume();
      if (!this.sound) return;
      if (this.current) { this.play(this.current); fade(this.current, this.level, START_S); } else this.begin(START_S);
    }

    stop(seconds = STOP_S) {
      if (!this.going) return;
      this.going = false;
      this.release(seconds);
      const player = this.current;
      if (player) fade(player, 0, seconds, () => { if (!this.going) player.element.pause(); });
    }

    // The old sound fades out only once the new one plays, so that the level does not drop while that is loading.
    begin(seconds) {
      const player = makePlayer(this.sound.src);
      if (context) context.resume();
      this.current = player;
      player.element.addEventListener("timeupdate", () => {
        const { currentTime, duration } = player.element;
        if (player === this.current && this.going && duration - currentTime < TURN_S) { this.leaving.add(player); this.begin(TURN_S - 1); }
      });
      player.element.addEventListener("ended", () => { if (player === this.current && this.going) this.begin(START_S); });
      player.element.addEventListener("playing", () => {
        if (player !== this.current || !this.going) return;
        this.release(seconds);
        fade(player, this.level * this.dim, seconds);
      }, { once: true });
      player.element.addEventListener("error", () => { if (player === this.current) this.release(seconds); });
      this.play(player);
    }

    release(seconds) {
      this.leaving.forEach((player) => this.dismiss(player, seconds));
      this.leaving.clear();
    }

    play(player) { player.element.play().catch(() => { /* the voice goes on without it */ }); }

    dismiss(player, seconds) { fade(player, 0, seconds, () => { player.element.pause(); player.element.removeAttribute("src"); player.element.load(); if (player.gain) player.gain.disconnect(); }); }
  };
})();
