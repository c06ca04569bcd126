"use strict";
// Sessions of any length from packs: read, checked, and put together as one MP3. docs/listeners.md has the formats.
// Long work is done in slices of some milliseconds, so that the page stays at hand on a slow phone.
self.BreathmarkCompose = (() => {
  const FRAME = 1152, ENCODER_DELAY = 576, DECODER_DELAY = 529, FADE_STEPS = 60 / (20 * Math.log10(2) / 4);
  const LENGTH_BITS = [18, 77], GAIN_LATER = 21, PIECE_BYTES = 1 << 15, SLICE_MS = 8, BLOB_BYTES = 1 << 20;
  const KBIT_S = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
  const RATES_HZ = [44100, 48000, 32000], LEAD = 2, LONGEST_S = 24 * 3600, SAME_COST = 1e-9, MARK = 1, MOVED = 70;

  class Refused extends Error {}

  // The next task; a timer would come four milliseconds later.
  const breath = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(0);
  });
  // To be awaited before each piece of work. It is the time that counts: the first pieces take ten times as long as
  // later ones, for which the browser has compiled the loop.
  let sliceEnds_ms = 0;
  const pause = async () => {
    if (performance.now() < sliceEnds_ms) return;
    await breath();
    sliceEnds_ms = performance.now() + SLICE_MS;
  };
  // Calls `work` with where each piece of so many bytes begins and ends.
  const inPieces = async (length, work) => {
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const end = Math.min(at + PIECE_BYTES, length);
      await pause();
      work(at, end);
    }
  };

  // The bytes of a text that has a letter for each, or a mark and a letter, as a page on a disk gets them (disk.py).
  const bytesOf = async (text, turn) => {
    const bytes = new Uint8Array(text.length);
    let count = 0, back = turn;
    await inPieces(text.length, (first, end) => {
      for (let at = first; at < end; at += 1) {
        const letter = text.charCodeAt(at);
        if (letter === MARK) { back = turn + MOVED; continue; }
        bytes[count] = letter - back; // its lower half
        count += 1;
        back = turn;
      }
    });
    return bytes.subarray(0, count);
  };

  const table = (polynomial) => Uint32Array.from({ length: 256 }, (_, value) => {
    let crc = value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const TABLE_32 = table(0xEDB88320), TABLE_16 = table(0xA001);
  const crcOf = (tables, bytes, crc, first, end) => {
    for (let at = first; at < end; at += 1) crc = tables[(crc ^ bytes[at]) & 0xFF] ^ (crc >>> 8);
    return crc;
  };
  const crc16 = (bytes, crc = 0) => crcOf(TABLE_16, bytes, crc, 0, bytes.length);
  const crc32 = async (bytes) => {
    let crc = 0xFFFFFFFF;
    await inPieces(bytes.length, (first, end) => { crc = crcOf(TABLE_32, bytes, crc, first, end); });
    return (crc ^ 0xFFFFFFFF) >>> 0;
  };

  // The CRC-32 of `bytes`, and the tag's CRC-16 of what came before them and of them. In one loop, since each waits for
  // its own table.
  const bothCrcs = async (bytes, before) => {
    let long = 0xFFFFFFFF, short = before;
    await inPieces(bytes.length, (first, end) => {
      for (let at = first; at < end; at += 1) {
        const byte = bytes[at];
        long = TABLE_32[(long ^ byte) & 0xFF] ^ (long >>> 8);
        short = TABLE_16[(short ^ byte) & 0xFF] ^ (short >>> 8);
      }
    });
    return [(long ^ 0xFFFFFFFF) >>> 0, short];
  };

  // The checksum of two pieces in a row: zeros behind the first one are a linear map of its 16 bits.
  const applied = (map, crc) => {
    let shifted = 0;
    for (let bit = 0; bit < 16; bit += 1) if (crc >> bit & 1) shifted ^= map[bit];
    return shifted;
  };
  const SHIFTS = [Array.from({ length: 16 }, (_, bit) => crc16(new Uint8Array(1), 1 << bit))];
  while (SHIFTS.length < 31) {
    const last = SHIFTS[SHIFTS.length - 1];
    SHIFTS.push(last.map((column) => applied(last, column)));
  }
  const joinedCrc = (first, second, length) => {
    SHIFTS.forEach((map, power) => { if (length >>> power & 1) first = applied(map, first); });
    return first ^ second;
  };

  const refuse = (words, why) => { throw new Refused(words[why] || why); };

  const isText = (value) => typeof value === "string";
  const isWhole = (least, most = Infinity) => (number) => Number.isInteger(number) && number >= least && number <= most;
  const isList = (isTrue, least = 0) => (list) => Array.isArray(list) && list.length >= least && list.every((each) => isTrue(each));
  const isOptional = (isTrue) => (value) => value === undefined || isTrue(value);
  // Whether `value` has these keys and no others, each with what is true of it.
  const isMap = (shape) => (value) => typeof value === "object" && value !== null && !Array.isArray(value)
    && Object.keys(value).every((key) => Object.hasOwn(shape, key))
    && Object.entries(shape).every(([key, isTrue]) => isTrue(value[key]));
  const isLength = (length_s) => Number.isFinite(length_s) && length_s > 0 && length_s <= LONGEST_S;
  const isPair = (isTrue) => (pair) => isList(isTrue)(pair) && pair.length === 2;
  const isCue = (cue) => isList(() => true)(cue) && cue.length === 3 && isList(Number.isInteger)(cue.slice(0, 2)) && isText(cue[2]);
  // As in Python's formats/pack.py.
  const isPart = isMap({
    kind: (kind) => kind === "speech" || kind === "bell", text: isText, frames: isWhole(1), crc32: Number.isInteger,
    crc16: isWhole(0, 0xFFFF), cues: isOptional(isList(isCue)), lead: isOptional(Number.isInteger),
  });
  const isIndexMap = isMap({
    format: Number.isInteger, id: isText, session: isText, title: isText, language: isText, voice: isText,
    rate_hz: Number.isInteger, kbit_s: Number.isInteger, frame_bytes: Number.isInteger, silent_crc32: Number.isInteger,
    parts: isList(isPart),
  });
  const isPlan = isMap({
    length_s: isLength, frames: isWhole(1), places: isList(isList(Number.isInteger)), chapters: isList(isPair(Number.isInteger)),
    transcript: isList((block) => Number.isInteger(block) || isList(Number.isInteger)(block)),
  });
  const isPlansMap = isMap({
    format: Number.isInteger, pack: isText, crc32: isOptional(Number.isInteger), session: isText, rate_hz: Number.isInteger,
    ideal_s: isLength, possible: isList(isPair(Number.isFinite), 1), titles: isList(isText), lengths: isList(isPlan, 1),
  });
  const frameBytes = (kbit, rate) => Math.ceil(144000 * kbit / rate);
  const framesOf = (pcm) => Math.ceil((pcm + ENCODER_DELAY + DECODER_DELAY) / FRAME);
  // What is JSON in `bytes`; for all that is wrong with it, `isTrue` gives false or throws.
  const parsed = (bytes, words, isTrue) => {
    try {
      const found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      if (found.format !== 1) refuse(words, "outdated");
      if (isTrue(found)) return found;
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    return refuse(words, "damaged");
  };

  const isIndex = (index) => isIndexMap(index) && KBIT_S.indexOf(index.kbit_s) > 0 && RATES_HZ.includes(index.rate_hz)
    && index.frame_bytes === frameBytes(index.kbit_s, index.rate_hz);

  // Reads and checks a pack. `words` has a text for each reason why it may be refused.
  const readPack = async (bytes, words = {}) => {
    const magic = String.fromCharCode(...bytes.subarray(0, 8));
    if (!magic.startsWith("BMPACK")) refuse(words, "damaged");
    if (magic !== "BMPACK1\n") refuse(words, "outdated");
    if (bytes.length < 16) refuse(words, "damaged");
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const begin = 16 + view.getUint32(8), text = bytes.subarray(16, begin);
    if (begin > bytes.length || await crc32(text) !== view.getUint32(12)) refuse(words, "damaged");
    const index = parsed(text, words, isIndex), size = index.frame_bytes;
    await breath();
    let at = begin;
    const take = (frames) => { at += frames * size; return bytes.subarray(at - frames * size, at); };
    const silent = take(1), parts = index.parts.map((part) => take(part.frames));
    if (at !== bytes.length || await crc32(silent) !== index.silent_crc32) refuse(words, "damaged");
    let crc = 0, joined = 0;
    for (const [number, part] of index.parts.entries()) {
      const [own, all] = await bothCrcs(parts[number], crc);
      if (own !== part.crc32) refuse(words, "damaged");
      crc = all;
      joined = joinedCrc(joined, part.crc16, parts[number].length);
    }
    if (crc !== joined) refuse(words, "damaged"); // the file would bear a wrong checksum
    return { index, silent, parts };
  };

  // Whether a plan is as long as it says, and its parts, chapters and paragraphs are there.
  const fits = (plan, pack, titles) => {
    const { parts, rate_hz: rate } = pack.index, isTitle = isWhole(0, titles.length - 1), isPartNumber = isWhole(0, parts.length - 1);
    if (Math.abs(plan.length_s * rate - plan.frames) > 1) return false;
    let at = LEAD, from = 0;
    const isPlaced = ([first, number, kept, fade], values) => {
      const cut = values === 4;
      if (!isPartNumber(number) || !(cut || values === 2) || first < at) return false;
      const { frames } = parts[number];
      if (cut && !(isWhole(1, frames)(kept) && isWhole(1, kept)(fade))) return false;
      at = first + (cut ? kept : frames);
      return true;
    };
    const isChapter = ([start, title]) => {
      const inOrder = isWhole(from, plan.frames)(start);
      from = start;
      return inOrder && isTitle(title);
    };
    return plan.places.every((place) => isPlaced(place, place.length)) && at <= framesOf(plan.frames)
      && plan.chapters.every(isChapter)
      && plan.transcript.every((block) => (Array.isArray(block) ? block.every(isPartNumber) : isTitle(block)));
  };

  const readPlans = async (bytes, pack, words = {}) => {
    const plans = parsed(bytes, words, (found) => isPlansMap(found) && found.rate_hz === pack.index.rate_hz);
    await breath();
    if (await crc32(bytes.subarray(bytes.indexOf(10) + 1)) !== plans.crc32) refuse(words, "damaged");
    if (plans.pack !== pack.index.id) refuse(words, "mixed");
    for (const plan of plans.lengths) {
      await pause();
      if (!fits(plan, pack, plans.titles)) refuse(words, "damaged");
    }
    return plans;
  };

  // A bell that is cut short: its last frames fall by 60 dB, in steps of the gain of their granules.
  const faded = (bytes, size, fade) => {
    const changed = bytes.slice(), begin = changed.length / size - fade;
    for (let granule = 0; granule < 2 * fade; granule += 1) {
      const place = LENGTH_BITS[granule % 2] + GAIN_LATER, shift = 8 - place % 8;
      const at = (begin + (granule >> 1)) * size + 4 + (place >> 3);
      const pair = changed[at] << 8 | changed[at + 1], gain = pair >> shift & 0xFF;
      const lowered = Math.max(gain - roundEven((granule + 1) * FADE_STEPS / (2 * fade)), 0);
      const next = pair ^ (gain ^ lowered) << shift;
      changed[at] = next >> 8; changed[at + 1] = next & 0xFF;
    }
    return changed;
  };
  const roundEven = (value) => {
    const down = Math.floor(value), rest = value - down;
    return rest === 0.5 ? down + (down & 1) : Math.round(value);
  };

  // The first frame: how long all of it is, what decoders drop, and where each hundredth begins (LAME's info tag).
  const header = (index, total, pcm, crc) => {
    const size = Math.floor(144000 * index.kbit_s / index.rate_hz), bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer), count = total * index.frame_bytes + size, tag = 4 + 17;
    bytes.set([0xFF, 0xFB, KBIT_S.indexOf(index.kbit_s) << 4 | RATES_HZ.indexOf(index.rate_hz) << 2, 0xC0]);
    const write = (at, text) => bytes.set([...text].map((letter) => letter.charCodeAt(0)), tag + at);
    write(0, "Info");
    view.setUint32(tag + 4, 0x0F); view.setUint32(tag + 8, total); view.setUint32(tag + 12, count);
    for (let percent = 0; percent < 100; percent += 1) bytes[tag + 16 + percent] = Math.floor(256 * percent / 100);
    write(120, "Lavf lame");
    const gap = ENCODER_DELAY << 12 | (total * FRAME - ENCODER_DELAY - pcm);
    bytes.set([gap >> 16 & 0xFF, gap >> 8 & 0xFF, gap & 0xFF], tag + 141);
    view.setUint32(tag + 148, count); view.setUint16(tag + 152, crc);
    view.setUint16(tag + 154, crc16(bytes.subarray(0, tag + 154)));
    return bytes;
  };

  // The parts of one length that are to sound. `bells` is "all", "end" (the last one alone) or "none".
  const soundingPlaces = (pack, plan, bells) => {
    const strikes = plan.places.filter((place) => pack.index.parts[place[1]].kind === "bell");
    const left = { all: [], end: strikes.slice(0, -1), none: strikes }[bells];
    return plan.places.filter((place) => !left.includes(place));
  };

  // One file of sessions in a row: [{pack, plan}] to a Blob of audio/mpeg.
  const compose = async (chosen, bells = "all") => {
    const { index, silent } = chosen[0].pack, size = index.frame_bytes;
    const frames = chosen.reduce((sum, each) => sum + each.plan.frames, 0), total = framesOf(frames);
    const quiet = new Uint8Array(size * 200), quietCrcs = [crc16(silent)];
    for (let at = 0; at < quiet.length; at += size) quiet.set(silent, at);
    for (let power = 1; power < 24; power += 1) {
      quietCrcs.push(joinedCrc(quietCrcs[power - 1], quietCrcs[power - 1], size * 2 ** (power - 1)));
    }
    const blobs = [null];
    let pieces = [], held = 0, at = 0, crc = 0, behind = 0;
    // Each blob is announced to the browser, which may be busy: so they are not many, and none takes long to copy.
    const keep = (piece) => {
      pieces.push(piece);
      held += piece.length;
      if (held > BLOB_BYTES) { blobs.push(new Blob(pieces)); pieces = []; held = 0; }
    };
    const rest = async (count) => {
      for (let power = 0; power < 24; power += 1) {
        if (count >>> power & 1) crc = joinedCrc(crc, quietCrcs[power], size * 2 ** power);
      }
      for (let more = count * size; more > 0; more -= quiet.length) {
        await pause();
        keep(quiet.subarray(0, Math.min(more, quiet.length)));
      }
      at += count;
    };
    const places = [];
    chosen.forEach(({ pack, plan }) => {
      soundingPlaces(pack, plan, bells).forEach(([first, number, kept, fade]) => {
        places.push({ first: Math.floor(behind / FRAME) + first, pack, number, kept, fade });
      });
      behind += plan.frames;
    });
    for (const { first, pack, number, kept, fade } of places) {
      await rest(first - at);
      const whole = pack.parts[number];
      await pause();
      const piece = kept === undefined ? whole : faded(whole.subarray(0, kept * size), size, fade);
      crc = joinedCrc(crc, kept === undefined ? pack.index.parts[number].crc16 : crc16(piece), piece.length);
      keep(piece);
      at += piece.length / size;
    }
    await rest(total - at);
    await breath();
    blobs.push(new Blob(pieces));
    blobs[0] = header(index, total, frames, crc);
    const whole = new Blob(blobs, { type: "audio/mpeg" });
    await breath();
    return whole;
  };

  const stamp = (ms) => {
    const pad = (value, digits = 2) => String(value).padStart(digits, "0");
    return `${pad(Math.floor(ms / 3600000))}:${pad(Math.floor(ms / 60000) % 60)}:${pad(Math.floor(ms / 1000) % 60)}.${pad(ms % 1000, 3)}`;
  };
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // What is shown beside the sound: captions as WebVTT, chapters, and the transcript.
  const shown = (chosen, withTitles) => {
    const captions = ["WEBVTT"], chapters = [], transcript = [];
    let frames = 0;
    chosen.forEach(({ pack, plan, plans }) => {
      const { rate_hz: rate, parts, title } = pack.index, begin = Math.floor(frames / FRAME);
      plan.places.forEach(([first, number]) => {
        const from = Math.round((begin + first) * FRAME * 1000 / rate);
        parts[number].cues.forEach(([start, end, text]) => captions.push(`${stamp(from + start)} --> ${stamp(from + end)}\n${escaped(text)}`));
      });
      if (withTitles) { chapters.push({ start_s: frames / rate, title }); transcript.push({ heading: true, text: title }); }
      else plan.chapters.forEach(([start, number]) => chapters.push({ start_s: (frames + start) / rate, title: plans.titles[number] }));
      plan.transcript.forEach((block) => transcript.push(Array.isArray(block)
        ? { heading: false, text: block.map((number) => parts[number].text).join(" ") }
        : { heading: true, text: plans.titles[block] }));
      frames += plan.frames;
    });
    const duration = frames / chosen[0].pack.index.rate_hz;
    return { captions: captions.length > 1 ? `${captions.join("\n\n")}\n` : "", chapters, transcript, duration_s: duration };
  };

  // Whole minutes for each of [{minutes, ideal}] that add up to `total`, or as near to it as they can; all are stretched
  // alike, as Python's `share` has it.
  const share = (total, offered) => {
    const scale = total / offered.reduce((sum, each) => sum + each.ideal, 0);
    const shortest = offered.reduce((sum, each) => sum + Math.min(...each.minutes), 0);
    const longest = Math.max(2 * total - shortest, shortest); // what is longer is further away than the shortest
    let least = new Float64Array(longest + 1).fill(Infinity), left = -1;
    least[0] = 0;
    const chosen = offered.map(({ minutes, ideal }) => {
      const found = new Float64Array(longest + 1).fill(Infinity), taken = new Uint32Array(longest + 1);
      [...minutes].sort((one, other) => other - one).forEach((each) => {
        const more = Math.log(each / (ideal * scale)) ** 2;
        for (let sum = each; sum <= longest; sum += 1) {
          const cost = least[sum - each] + more;
          if (cost < found[sum] - SAME_COST) { found[sum] = cost; taken[sum] = each; }
        }
      });
      least = found;
      return taken;
    });
    least.forEach((cost, sum) => { if (cost < Infinity && (left < 0 || Math.abs(sum - total) < Math.abs(left - total))) left = sum; });
    const shares = chosen.reverse().map((taken) => { const own = taken[left]; left -= own; return own; });
    return shares.reverse();
  };

  // All that one number of each list can add up to, in order.
  const sums = (lists) => {
    let reached = Uint8Array.of(1);
    lists.forEach((list) => {
      const next = new Uint8Array(reached.length + Math.max(0, ...list));
      list.forEach((each) => reached.forEach((is, sum) => { if (is) next[sum + each] = 1; }));
      reached = next;
    });
    return [...reached.keys()].filter((sum) => reached[sum]);
  };

  return { Refused, breath, bytesOf, compose, readPack, readPlans, share, shown, sums };
})();
