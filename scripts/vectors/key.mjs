/** Vectors of keys: BIP39 (trezor/python-mnemonic, its passphrase is TREZOR), SLIP-0010 ed25519, and a wallet from words to address. */
import { createHmac, pbkdf2Sync } from 'node:crypto';
import { addressOf, keyOfSeed } from './oracle.mjs';

const BIP39 = [
  [
    '00000000000000000000000000000000',
    'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
    'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04',
  ],
  [
    '7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f',
    'legal winner thank year wave sausage worth useful legal winner thank yellow',
    '2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6fa457fe1296106559a3c80937a1c1069be3a3a5bd381ee6260e8d9739fce1f607',
  ],
  [
    '80808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
    'd71de856f81a8acc65e6fc851a38d4d7ec216fd0796d0a6827a3ad6ed5511a30fa280f12eb2e47ed2ac03b5c462a0358d18d69fe4f985ec81778c1b370b652a8',
  ],
  [
    'ffffffffffffffffffffffffffffffff',
    'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong',
    'ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069',
  ],
  [
    '9e885d952ad362caeb4efe34a8e91bd2',
    'ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic',
    '274ddc525802f7c828d8ef7ddbcdc5304e87ac3535913611fbbfa986d0c9e5476c91689f9c8a54fd55bd38606aa6a8595ad213d4c9c9f9aca3fb217069a41028',
  ],
  [
    'c0ba5a8e914111210f2bd131f3d5e08d',
    'scheme spot photo card baby mountain device kick cradle pact join borrow',
    'ea725895aaae8d4c1cf682c1bfd2d358d52ed9f0f0591131b559e2724bb234fca05aa9c02c57407e04ee9dc3b454aa63fbff483a8b11de949624b9f1831a9612',
  ],
];

const SEED_1 = '000102030405060708090a0b0c0d0e0f';
const SEED_2 =
  'fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542';
/** seed, path (all hardened), secret key, public key. @type {[string, number[], string, string][]} */
const SLIP10 = [
  [
    SEED_1,
    [],
    '2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7',
    'a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed',
  ],
  [
    SEED_1,
    [0],
    '68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3',
    '8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c',
  ],
  [
    SEED_1,
    [0, 1],
    'b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2',
    '1932a5270f335bed617d5b935c80aedb1a35bd9fc1e31acafd5372c30f5c1187',
  ],
  [
    SEED_1,
    [0, 1, 2],
    '92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9',
    'ae98736566d30ed0e9d2f4486a64bc95740d89c7db33f52121f8ea8f76ff0fc1',
  ],
  [
    SEED_1,
    [0, 1, 2, 2],
    '30d1dc7e5fc04c31219ab25a27ae00b50f6fd66622f6e9c913253d6511d1e662',
    '8abae2d66361c879b900d204ad2cc4984fa2aa344dd7ddc46007329ac76c429c',
  ],
  [
    SEED_1,
    [0, 1, 2, 2, 1_000_000_000],
    '8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793',
    '3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a',
  ],
  [
    SEED_2,
    [],
    '171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012',
    '8fe9693f8fa62a4305a140b9764c5ee01e455963744fe18204b4fb948249308a',
  ],
  [
    SEED_2,
    [0],
    '1559eb2bbec5790b0c65d8693e4d0875b1747f4970ae8b650486ed7470845635',
    '86fab68dcb57aa196c77c5f264f215a112c22a912c10d123b0d03c3c28ef1037',
  ],
  [
    SEED_2,
    [0, 2_147_483_647],
    'ea4f5bfe8694d8bb74b7b59404632fd5968b774ed545e810de9c32a4fb4192f4',
    '5ba3b9ac6e90e83effcd25ac4e58a1365a9e35a3d3ae5eb07b9e4d90bcf7506d',
  ],
  [
    SEED_2,
    [0, 2_147_483_647, 1],
    '3757c7577170179c7868353ada796c839135b3d30554bbb74a4b1e4a5a58505c',
    '2e66aa57069c86cc18249aecf5cb5a9cebbfd6fadeab056254763874a9352b45',
  ],
  [
    SEED_2,
    [0, 2_147_483_647, 1, 2_147_483_646],
    '5837736c89570de861ebc173b1086da4f505d4adb387c6a1b1342d5e4ac9ec72',
    'e33c0f7d81d843c572275f287498e8d408654fdf0d1e065b84e2e6f157aab09b',
  ],
  [
    SEED_2,
    [0, 2_147_483_647, 1, 2_147_483_646, 2],
    '551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d',
    '47150c75db263559a70d5778bf36abbab30fb061ad69f69ece61a72b0cfa4fc0',
  ],
];

/** SLIP-0010 ed25519. @param {Buffer} seed @param {number[]} path */
function derive(seed, path) {
  let node = createHmac('sha512', 'ed25519 seed').update(seed).digest();
  for (const index of path) {
    const hardened = Buffer.alloc(4);
    hardened.writeUInt32BE(index + 2 ** 31);
    const child = Buffer.concat([Buffer.from([0]), node.subarray(0, 32), hardened]);
    node = createHmac('sha512', node.subarray(32)).update(child).digest();
  }
  return node.subarray(0, 32).toString('hex');
}

/** @param {string} name @param {string} words */
function wallet(name, words) {
  const seed = pbkdf2Sync(words, 'mnemonic', 2048, 64, 'sha512');
  const secret = derive(seed, [44, 7_631_992, 0]);
  const key = keyOfSeed(secret);
  return { name, words, seed: seed.toString('hex'), secret, key, address: addressOf(key) };
}

const words = BIP39[0]?.[1] ?? '';

export function keyVectors() {
  /** @param {string} name @param {string} description @param {string} text */
  const bad = (name, description, text) => ({ name, description, text, error: 'words' });
  return {
    description:
      "Keys. bip39: entropy, words and the seed with the passphrase TREZOR (trezor/python-mnemonic, vectors.json). slip10: seed, hardened path, secret and public key (SLIP-0010, test vectors 1 and 2 for ed25519). wallet: words, seed without passphrase, secret at 44'/7631992'/0', public key and address. typed: words as people type them, and their entropy. invalid: what is no wallet.",
    bip39: BIP39.map(([entropy, text, seed], i) => ({ name: `bip39-${i}`, entropy, words: text, seed })),
    slip10: SLIP10.map(([seed, path, secret, key], i) => ({ name: `slip10-${i}`, seed, path, secret, key })),
    wallet: [wallet('wallet-a', words), wallet('wallet-b', BIP39[4]?.[1] ?? '')],
    typed: [
      { name: 'capitals', text: words.toUpperCase(), entropy: '00'.repeat(16) },
      { name: 'lines', text: `\n ${words.replaceAll(' ', '\n  ')} \n`, entropy: '00'.repeat(16) },
      {
        name: 'numbered',
        text: words
          .split(' ')
          .map((word, i) => `${i + 1}. ${word}`)
          .join('\n'),
        entropy: '00'.repeat(16),
      },
      { name: 'commas', text: words.replaceAll(' ', ', '), entropy: '00'.repeat(16) },
      { name: 'fullwidth', text: words.replace('about', '\uff41\uff42\uff4f\uff55\uff54'), entropy: '00'.repeat(16) },
    ],
    invalid: [
      bad('empty', 'nothing', ''),
      bad('checksum', 'twelve words with a wrong checksum', words.replace('about', 'abandon')),
      bad('eleven', 'eleven words', words.replace(' about', '')),
      bad('thirteen', 'thirteen words', `${words} about`),
      bad('twenty-four', 'twenty-four words, which BIP39 allows', `${'abandon '.repeat(23)}art`),
      bad('unknown', 'a word that is not in the list', words.replace('about', 'abuot')),
      bad('proto', 'words that JavaScript knows', words.replace('about', 'constructor')),
    ],
  };
}
