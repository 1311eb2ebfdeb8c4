#include "include/drift_noise.h"

#include <string.h>

// Vectors of the compiler, which every CPU has in some form: a lane is a block. No value is subnormal, so 32-bit NEON does no harm.
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef uint64_t u64x4 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))
#define SPLAT(type, value) ((type){value, value, value, value})

typedef struct words {
  u32x4 w[4];
} words;

/// Philox4x32-10 of four counters that differ in their first word.
INLINE void philox(words *c, uint32_t k0, uint32_t k1) {
  _Pragma("clang loop unroll(disable)") for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const u64x4 p0 = __builtin_convertvector(c->w[0], u64x4) * SPLAT(u64x4, 0xD2511F53u);
    const u64x4 p1 = __builtin_convertvector(c->w[2], u64x4) * SPLAT(u64x4, 0xCD9E8D57u);
    const u32x4 high0 = __builtin_convertvector(p0 >> 32, u32x4), low0 = __builtin_convertvector(p0, u32x4);
    const u32x4 high1 = __builtin_convertvector(p1 >> 32, u32x4), low1 = __builtin_convertvector(p1, u32x4);
    *c = (words){{high1 ^ c->w[1] ^ SPLAT(u32x4, k0), low1, high0 ^ c->w[3] ^ SPLAT(u32x4, k1), low0}};
  }
}

/// a * b + c in two roundings.
#define STEP(p, x, c) ((p) * (x) + SPLAT(f32x4, c))

/// -ln(n * 2^-24) for n in 1 ... 2^24.
INLINE void negated_logarithm(const i32x4 *n, f32x4 *result) {
  const i32x4 bits = (i32x4)__builtin_convertvector(*n, f32x4);
  const i32x4 e = (bits - SPLAT(i32x4, 0x3F3504F3)) >> 23;
  const f32x4 f = (f32x4)(bits - (i32x4)((u32x4)e << 23)) - SPLAT(f32x4, 1.0f);
  f32x4 p = SPLAT(f32x4, -0.07859611511230469f);
  p = STEP(p, f, 0.12881647050380707f);
  p = STEP(p, f, -0.13128754496574402f);
  p = STEP(p, f, 0.14181192219257355f);
  p = STEP(p, f, -0.16624553501605988f);
  p = STEP(p, f, 0.2000228613615036f);
  p = STEP(p, f, -0.25000810623168945f);
  p = STEP(p, f, 0.33333316445350647f);
  const f32x4 square = f * f;
  const f32x4 logarithm = f - (square * SPLAT(f32x4, 0.5f) - (square * f) * p);
  const f32x4 k = __builtin_convertvector(SPLAT(i32x4, 24) - e, f32x4);
  *result = (k * SPLAT(f32x4, 0.693145751953125f) - logarithm) + k * SPLAT(f32x4, 1.4286068203094172e-06f);
}

INLINE f32x4 choose(i32x4 mask, f32x4 a, f32x4 b) { return (f32x4)((mask & (i32x4)a) | (~mask & (i32x4)b)); }

/// Two normal values for each lane from two random words.
INLINE void normal_pair(u32x4 first, u32x4 second, f32x4 *cosine_part, f32x4 *sine_part) {
  const i32x4 n = (i32x4)(first >> 8) + SPLAT(i32x4, 1);
  f32x4 logarithm;
  negated_logarithm(&n, &logarithm);
  const f32x4 radius = __builtin_elementwise_sqrt(SPLAT(f32x4, 2.0f) * logarithm);
  const u32x4 t = second >> 8;
  const u32x4 quarter = (t + SPLAT(u32x4, 1u << 21)) >> 22;
  const f32x4 a = __builtin_convertvector((i32x4)(t - (quarter << 22)), f32x4) * SPLAT(f32x4, 3.7450702829238413e-07f);
  const f32x4 z = a * a;
  f32x4 s = STEP(SPLAT(f32x4, -0.0001951729936990887f), z, 0.008332177996635437f);
  s = STEP(s, z, -0.16666655242443085f);
  s = s * (z * a) + a;
  f32x4 c = STEP(SPLAT(f32x4, 2.4438451873720624e-05f), z, -0.001388736767694354f);
  c = STEP(c, z, 0.04166664555668831f);
  c = (c * (z * z) - SPLAT(f32x4, 0.5f) * z) + SPLAT(f32x4, 1.0f);
  // Quarter turns: 1 and 3 exchange sine and cosine, 2 and 3 negate the sine, 1 and 2 the cosine.
  const i32x4 odd = (i32x4)(quarter & SPLAT(u32x4, 1)) != 0;
  const u32x4 sine_sign = (quarter & SPLAT(u32x4, 2)) << 30;
  const u32x4 cosine_sign = ((quarter + SPLAT(u32x4, 1)) & SPLAT(u32x4, 2)) << 30;
  const f32x4 sine = (f32x4)((u32x4)choose(odd, c, s) ^ sine_sign);
  const f32x4 cosine = (f32x4)((u32x4)choose(odd, s, c) ^ cosine_sign);
  *cosine_part = radius * cosine;
  *sine_part = radius * sine;
}

void drift_normal_16(uint64_t seed, uint32_t stream, uint32_t sample, uint32_t block, float *out) {
  words c = {{{block, block + 1, block + 2, block + 3}, SPLAT(u32x4, stream), SPLAT(u32x4, sample), SPLAT(u32x4, 0)}};
  philox(&c, (uint32_t)seed, (uint32_t)(seed >> 32));
  f32x4 v[4];
  normal_pair(c.w[0], c.w[1], &v[0], &v[1]);
  normal_pair(c.w[2], c.w[3], &v[2], &v[3]);
  float lanes[4][4];
  memcpy(lanes, v, sizeof lanes);
  for (int lane = 0; lane < 4; lane++) {
    for (int i = 0; i < 4; i++) out[4 * lane + i] = lanes[i][lane];
  }
}
