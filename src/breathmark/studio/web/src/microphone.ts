/** The part of the microphone that runs beside the page: it hands on every sample, about ten times a second, and at once what it still holds when it is asked. */

declare const registerProcessor: (name: string, processor: unknown) => void;
declare class AudioWorkletProcessor { readonly port: MessagePort }

class MicrophoneProcessor extends AudioWorkletProcessor {
  private held = new Float32Array(4096);
  private filled = 0;

  constructor() {
    super();
    this.port.onmessage = () => { this.send(); this.port.postMessage(null); };
  }

  private send(): void {
    this.port.postMessage(this.held.slice(0, this.filled));
    this.filled = 0;
  }

  process(inputs: Float32Array[][]): boolean {
    const samples = inputs[0]?.[0];
    if (!samples) return true;
    if (this.filled + samples.length > this.held.length) this.send();
    this.held.set(samples, this.filled);
    this.filled += samples.length;
    return true;
  }
}

registerProcessor("microphone", MicrophoneProcessor);
