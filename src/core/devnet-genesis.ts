/**
 * The genesis of the development network: signed once with the published key of the tree's root and 16 bits of work, and never again.
 * What follows from it is written down, so that a first visit knows its address before anything is checked.
 */
import { checkLocator, checkTxId, type Locator, type TxId } from './id.ts';

const GENESIS =
  '{"key":"0908f54fa69536973a3f2009d8330b7e15d20f043f00ac61aa10c4fc75c3b083","modules":{"comment":"TorrentTX development network. Its coins are worth nothing: everybody holds the keys.","network":{"burnPerByte":1000,"hrp":"dev","maxGain":100000,"name":"Devnet","workReward":100000}},"nonce":1000000000056882,"prev":null,"ref":[],"signature":"ede81447625f67c1b22d46037e3da72908ce80df2f05cd7047ce480756ad03299e78b317bdcdb3fbcccdf60ccf35d76bbe21a4d79b8d8ce7d6c7dd075b9d3707","time":1795000000000,"to":"dev19mdyctnfhpumq8dhxhkhjt60uwpt26u7jxtk59h3daghwem7ylmsujzhlm","tokens":9000000000000000,"v":1}';

/** The genesis file. */
export const devnetGenesis = (): Uint8Array => new TextEncoder().encode(GENESIS);

/** What follows from the genesis file, written down. */
export const DEVNET: { readonly id: TxId; readonly locator: Locator; readonly hrp: string } = {
  id: checkTxId('6b399072e15fab6bea3d850e0fcd24b7c4aaaac13267e02e2ff894e8868214bb'),
  locator: checkLocator('1d3247cbeef228205f824bf9a995e6bfe0cce926:6b399072e15fab6bea3d850e0fcd24b7c4aaaac13267e02e2ff894e8868214bb'),
  hrp: 'dev',
};
