/** A few sounds, made on the spot. Silent until switched on, as browsers want it. */
export class Sound {
  #audio = null;
  on = false;

  toggle() {
    this.on = !this.on;
    this.#audio ??= new AudioContext();
    this.#audio.resume();
    return this.on;
  }

  shot() {
    this.#tone('square', 520, 130, 0.09, 0.03);
  }
  hit() {
    this.#tone('sawtooth', 180, 60, 0.15, 0.07);
  }
  gem() {
    this.#tone('sine', 760, 1280, 0.1, 0.08);
  }
  kill() {
    this.#tone('triangle', 330, 990, 0.3, 0.14);
  }
  explosion() {
    this.#tone('sawtooth', 140, 26, 0.5, 0.12);
  }

  /** Glides from one frequency to the other. */
  #tone(type, from, to, seconds, volume) {
    if (!this.on) return;
    const start = this.#audio.currentTime;
    const oscillator = new OscillatorNode(this.#audio, { type, frequency: from });
    const gain = new GainNode(this.#audio, { gain: volume });
    oscillator.frequency.exponentialRampToValueAtTime(to, start + seconds);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
    oscillator.connect(gain).connect(this.#audio.destination);
    oscillator.start(start);
    oscillator.stop(start + seconds);
  }
}
