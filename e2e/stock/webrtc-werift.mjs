/** werift: WebRTC written anew in TypeScript, so that both sides of a connection are not the same code. */
import * as werift from 'werift';

export class RTCSessionDescription {
  /** @param {{ type: string, sdp: string }} description */
  constructor({ type, sdp }) {
    this.type = type;
    this.sdp = sdp;
  }
}

export const { RTCIceCandidate } = werift;

/** simple-peer edits the descriptions it is given; werift's are read-only, and it takes back only its own. */
export class RTCPeerConnection extends werift.RTCPeerConnection {
  /** @type {any} */
  #own;

  /** @override @param {any} options @returns {Promise<any>} */
  async createOffer(options) {
    this.#own = await super.createOffer(options);
    return { type: this.#own.type, sdp: this.#own.sdp };
  }

  /** @override @returns {Promise<any>} */
  async createAnswer() {
    this.#own = await super.createAnswer();
    return { type: this.#own.type, sdp: this.#own.sdp };
  }

  /** @override @returns {Promise<any>} */
  setLocalDescription() {
    return super.setLocalDescription(this.#own);
  }

  /** simple-peer asks until it sees the selected pair, which werift's report does not name. @override @returns {Promise<any>} */
  async getStats() {
    return [{ type: 'candidate-pair', id: 'selected', selected: true }];
  }
}

export default { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate };
