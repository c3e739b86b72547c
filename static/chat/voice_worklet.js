/**
 * From the microphone's samples to what the recogniser hears: one channel, 16 kHz, 16 bit, a tenth of a second a piece.
 * Each piece comes with its level (0 to 1).
 */

const RATE = 16_000;
const PIECE = RATE / 10;

class Downsampler extends AudioWorkletProcessor {
  #step = sampleRate / RATE;
  #sum = 0;
  #count = 0;
  #due = sampleRate / RATE;
  #piece = new Int16Array(PIECE);
  #filled = 0;
  #power = 0;

  process([channels]) {
    const length = channels[0]?.length ?? 0;
    for (let index = 0; index < length; index += 1) {
      let mixed = 0;
      for (const channel of channels) mixed += channel[index];
      this.#take(mixed / channels.length);
    }
    return true;
  }

  /** The mean of the samples that fall into one of ours. */
  #take(sample) {
    this.#sum += sample;
    this.#count += 1;
    this.#due -= 1;
    if (this.#due > 0) return;
    this.#due += this.#step;
    this.#put(Math.max(-1, Math.min(1, this.#sum / this.#count)));
    this.#sum = this.#count = 0;
  }

  #put(value) {
    this.#piece[this.#filled] = Math.round(value * 32_767);
    this.#filled += 1;
    this.#power += value * value;
    if (this.#filled < PIECE) return;
    this.port.postMessage({ samples: this.#piece.buffer, level: Math.sqrt(this.#power / PIECE) }, [this.#piece.buffer]);
    this.#piece = new Int16Array(PIECE);
    this.#filled = this.#power = 0;
  }
}

registerProcessor("downsampler", Downsampler);
