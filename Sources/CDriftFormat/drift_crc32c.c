#include "drift_crc32c.h"

#include <string.h>

#if defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#elif defined(__x86_64__)
#include <nmmintrin.h>
#endif

// A CRC is linear over bits: the entry for a byte is the exclusive or of the entries of its set bits. So each of the eight tables is
// written as the eight entries of single bits, and the compiler works out the other 248.
#define ENTRY(i, b0, b1, b2, b3, b4, b5, b6, b7)                                                                         \
  (((i) & 1 ? b0 : 0) ^ ((i) & 2 ? b1 : 0) ^ ((i) & 4 ? b2 : 0) ^ ((i) & 8 ? b3 : 0) ^ ((i) & 16 ? b4 : 0) ^           \
   ((i) & 32 ? b5 : 0) ^ ((i) & 64 ? b6 : 0) ^ ((i) & 128 ? b7 : 0))
#define ENTRIES_4(i, ...)                                                                                                \
  ENTRY((i), __VA_ARGS__), ENTRY((i) + 1, __VA_ARGS__), ENTRY((i) + 2, __VA_ARGS__), ENTRY((i) + 3, __VA_ARGS__)
#define ENTRIES_16(i, ...)                                                                                               \
  ENTRIES_4((i), __VA_ARGS__), ENTRIES_4((i) + 4, __VA_ARGS__), ENTRIES_4((i) + 8, __VA_ARGS__),                         \
      ENTRIES_4((i) + 12, __VA_ARGS__)
#define ENTRIES_64(i, ...)                                                                                               \
  ENTRIES_16((i), __VA_ARGS__), ENTRIES_16((i) + 16, __VA_ARGS__), ENTRIES_16((i) + 32, __VA_ARGS__),                    \
      ENTRIES_16((i) + 48, __VA_ARGS__)
#define TABLE(...)                                                                                                       \
  {                                                                                                                      \
    ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__), ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__)  \
  }

// Table k advances a byte that lies k bytes before the end of the eight that are taken at once.
static const uint32_t tables[8][256] = {
    TABLE(0xF26B8303, 0xE13B70F7, 0xC79A971F, 0x8AD958CF, 0x105EC76F, 0x20BD8EDE, 0x417B1DBC, 0x82F63B78),
    TABLE(0x13A29877, 0x274530EE, 0x4E8A61DC, 0x9D14C3B8, 0x3FC5F181, 0x7F8BE302, 0xFF17C604, 0xFBC3FAF9),
    TABLE(0xA541927E, 0x4F6F520D, 0x9EDEA41A, 0x38513EC5, 0x70A27D8A, 0xE144FB14, 0xC76580D9, 0x8B277743),
    TABLE(0xDD45AAB8, 0xBF672381, 0x7B2231F3, 0xF64463E6, 0xE964B13D, 0xD725148B, 0xABA65FE7, 0x52A0C93F),
    TABLE(0x38116FAC, 0x7022DF58, 0xE045BEB0, 0xC5670B91, 0x8F2261D3, 0x1BA8B557, 0x37516AAE, 0x6EA2D55C),
    TABLE(0xEF306B19, 0xDB8CA0C3, 0xB2F53777, 0x6006181F, 0xC00C303E, 0x85F4168D, 0x0E045BEB, 0x1C08B7D6),
    TABLE(0x68032CC8, 0xD0065990, 0xA5E0C5D1, 0x4E2DFD53, 0x9C5BFAA6, 0x3D5B83BD, 0x7AB7077A, 0xF56E0EF4),
    TABLE(0x493C7D27, 0x9278FA4E, 0x211D826D, 0x423B04DA, 0x847609B4, 0x0D006599, 0x1A00CB32, 0x34019664),
};

uint32_t drift_crc32c_tables(uint32_t checksum, const void *bytes, size_t length) {
  const uint8_t *p = bytes;
  uint32_t crc = ~checksum;
  for (; length >= 8; length -= 8, p += 8) {
    uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^ tables[4][low >> 24] ^
          tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
  }
  for (; length > 0; length -= 1, p += 1) crc = tables[0][(crc ^ *p) & 255] ^ crc >> 8;
  return ~crc;
}

#if defined(__x86_64__) || (defined(__aarch64__) && defined(__linux__))

#if defined(__x86_64__)
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_WORD(crc, word) (uint32_t)_mm_crc32_u64((crc), (word))
#define CRC_BYTE(crc, byte) _mm_crc32_u8((crc), (byte))

static int cpu_has_crc(void) { return __builtin_cpu_supports("sse4.2"); }
#else
#define CRC_TARGET __attribute__((target("crc")))
#define CRC_WORD(crc, word) __crc32cd((crc), (word))
#define CRC_BYTE(crc, byte) __crc32cb((crc), (byte))

static int cpu_has_crc(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#endif

CRC_TARGET static uint32_t with_instructions(uint32_t checksum, const uint8_t *p, size_t length) {
  uint32_t crc = ~checksum;
  for (; length >= 8; length -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = CRC_WORD(crc, word);
  }
  for (; length > 0; length -= 1, p += 1) crc = CRC_BYTE(crc, *p);
  return ~crc;
}

uint32_t drift_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  return cpu_has_crc() ? with_instructions(checksum, bytes, length) : drift_crc32c_tables(checksum, bytes, length);
}

#else

uint32_t drift_crc32c(uint32_t checksum, const void *bytes, size_t length) {
  return drift_crc32c_tables(checksum, bytes, length);
}

#endif
