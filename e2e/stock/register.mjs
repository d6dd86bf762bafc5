/** For `node --import`: has WebTorrent's WebRTC come from the package that the variable TTX_E2E_WEBRTC names. */
import { register } from 'node:module';

register('./remap.mjs', import.meta.url);
