/** Google's libwebrtc, as browsers have it, in Node. */
import webrtc from '@roamhq/wrtc';

export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = webrtc;
export default webrtc;
