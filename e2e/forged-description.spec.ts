/** Who carries a description and changes it gets no connection under somebody else's certificate: Chromium is given only what was read. */
import { parseDescription, writeDescription } from '../src/core/session-description.ts';
import { expect, test } from './fixtures.ts';

test('a description that was tampered with is refused, or leads to nobody', async ({ createPerson }) => {
  const { page } = await createPerson('ada');
  await page.exposeFunction('rewrite', (sdp: string) => {
    const transport = parseDescription(sdp);
    return transport && { sdp: writeDescription(transport), fingerprint: transport.fingerprint };
  });
  const outcomes = await page.evaluate(async () => {
    const { rewrite } = window as unknown as { rewrite(sdp: string): Promise<{ sdp: string; fingerprint: string } | undefined> };
    const describe = async (connection: RTCPeerConnection, description: RTCSessionDescriptionInit) => {
      await connection.setLocalDescription(description);
      while (connection.iceGatheringState !== 'complete')
        await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
      return connection.localDescription?.sdp ?? '';
    };
    const certificate = (sdp: string) => /a=fingerprint:.*\r\n/.exec(sdp)?.[0] ?? '';
    /** Mallory's description, with Ada's certificate where she was not asked. */
    const forgeries: Record<string, (mallory: string, ada: string) => string> = {
      untouched: (mallory) => mallory,
      'for all sections': (mallory, ada) => mallory.replace('t=0 0\r\n', `t=0 0\r\n${ada}`),
      before: (mallory, ada) => mallory.replace(certificate(mallory), ada + certificate(mallory)),
      after: (mallory, ada) => mallory.replace(certificate(mallory), certificate(mallory) + ada),
      instead: (mallory, ada) => mallory.replace(certificate(mallory), ada),
    };
    const outcomes: Record<string, string> = {};
    for (const [name, forge] of Object.entries(forgeries)) {
      const [ada, mallory, bob] = [new RTCPeerConnection(), new RTCPeerConnection(), new RTCPeerConnection()];
      ada.createDataChannel('');
      const channel = mallory.createDataChannel('');
      const honest = certificate(await describe(ada, await ada.createOffer()));
      const read = await rewrite(forge(await describe(mallory, await mallory.createOffer()), honest));
      if (read === undefined) outcomes[name] = 'refused';
      else {
        await bob.setRemoteDescription({ type: 'offer', sdp: read.sdp });
        const answer = await describe(bob, await bob.createAnswer());
        const ended = new Promise<string>((resolve) => {
          channel.onopen = () => resolve('connected');
          bob.onconnectionstatechange = () => bob.connectionState === 'failed' && resolve('failed');
        });
        await mallory.setRemoteDescription({ type: 'answer', sdp: answer });
        const isAda = honest.replaceAll(':', '').toLowerCase().includes(read.fingerprint);
        outcomes[name] = `${await ended} with what is taken for ${isAda ? 'Ada' : 'Mallory'}`;
      }
      for (const connection of [ada, mallory, bob]) connection.close();
    }
    return outcomes;
  });
  expect(outcomes).toEqual({
    untouched: 'connected with what is taken for Mallory',
    'for all sections': 'refused',
    before: 'refused',
    after: 'refused',
    instead: 'failed with what is taken for Ada',
  });
});
