import { RecordingProxy } from '../recording-proxy.js';

/** A client of the control plane that may say anything, and every byte that it says and hears. */
export class TappedWay implements AsyncDisposable {
  private constructor(private readonly proxy: RecordingProxy) {}

  static async to(listen: string): Promise<TappedWay> {
    const proxy = await RecordingProxy.listen();
    proxy.forwardTo(listen);
    return new TappedWay(proxy);
  }

  async send(text: string): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.proxy.port}/mcp`, { method: 'POST', body: text });
    await answer.arrayBuffer();
  }

  recorded(): Buffer {
    return this.proxy.recorded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
  }
}
