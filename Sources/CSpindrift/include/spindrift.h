// Spindrift for C and C++: opens `.drift` models and generates from them. docs/embedding.md tells the whole story.
//
// - Nothing here allocates memory, and nothing keeps any beyond what the caller passed in. A mapped file is the only resource.
// - Every function returns SPINDRIFT_OK or a code of spindrift_status; misuse is a code too, never a crash.
// - An opened model is only read: any number of threads may generate from it at once, each with its own arena and output.
#ifndef SPINDRIFT_H
#define SPINDRIFT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SPINDRIFT_VERSION_MAJOR 0
#define SPINDRIFT_VERSION_MINOR 1
#define SPINDRIFT_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong. Numbers never change their meaning. Codes from 100 to 499 say which rule of the file format a file breaks
/// (docs/format.md); spindrift_error_text has a sentence for each.
typedef enum spindrift_status {
  SPINDRIFT_OK = 0,
  /// `expected` and `found` bytes; spindrift_arena_bytes tells how many.
  SPINDRIFT_ARENA_TOO_SMALL = 900,
  /// `expected` alignment, `found` remainder.
  SPINDRIFT_ARENA_MISALIGNED = 901,
  /// The progress callback asked for it.
  SPINDRIFT_CANCELLED = 902,
  /// `expected` is the number of classes.
  SPINDRIFT_BAD_CLASS = 903,
  SPINDRIFT_BAD_STEP = 904,
  /// Not as many values as a sample has (`expected`, `found`), misaligned, or not finite.
  SPINDRIFT_BAD_NOISE = 905,
  /// `expected` is the largest number of threads.
  SPINDRIFT_BAD_THREADS = 906,
  SPINDRIFT_BAD_GUIDANCE = 907,
  /// `expected` and `found` values or bytes.
  SPINDRIFT_OUTPUT_TOO_SMALL = 908,
  /// The kernel's name is unknown, or this CPU lacks it.
  SPINDRIFT_BAD_KERNEL = 909,
  /// `found` is the errno value.
  SPINDRIFT_MAP_FAILED = 920,
  /// A folder, device or pipe.
  SPINDRIFT_NOT_REGULAR_FILE = 921,
  /// A reserved field is not zero.
  SPINDRIFT_BAD_ARGUMENT = 925,
  /// A pointer that must not be NULL is, or is not aligned for its type. `found` is the argument's position, from 1.
  SPINDRIFT_BAD_POINTER = 1000,
  /// The handle was never opened, or is closed.
  SPINDRIFT_NOT_OPEN = 1001,
  /// The handle is open already: close it first. (A handle starts as zero bytes.)
  SPINDRIFT_ALREADY_OPEN = 1002,
  /// `struct_size` is not that of a structure this library knows: `expected` at least, `found`.
  SPINDRIFT_BAD_STRUCT_SIZE = 1003,
} spindrift_status;

/// Details of a failure. Filled by every function that takes one, on success with zeros.
typedef struct spindrift_error {
  int32_t code;       // spindrift_status
  uint32_t reserved;  // 0
  uint64_t offset;    // byte in the file, or 0
  uint64_t expected;  // the value, or bound, that would have been right
  uint64_t found;
} spindrift_error;

/// A handle. It belongs to the caller, lives anywhere (8-byte aligned), starts as zero bytes and may be moved.
typedef struct spindrift_model {
  uint64_t opaque[64];
} spindrift_model;

/// What there is to know about a model. Set struct_size before asking.
typedef struct spindrift_info {
  uint32_t struct_size;  // sizeof(spindrift_info)
  uint32_t channels, height, width;
  uint32_t class_count;  // a request's class lies in 0 ..< class_count; 0: the model knows no classes
  int32_t null_class;    // the class that means "none", or -1
  uint32_t steps;
  uint32_t max_threads;
  float data_low, data_high;  // what maps to black and white
  float default_guidance;
  uint32_t reserved;
  uint64_t sample_values;  // channels * height * width
  uint64_t file_bytes;
} spindrift_info;

/// Called after each step, on the thread that called spindrift_generate. 0 goes on, anything else cancels.
typedef int32_t (*spindrift_progress)(void *user, uint32_t steps_done, uint32_t steps);

/// What to generate. Begin with spindrift_request_default().
typedef struct spindrift_request {
  uint32_t struct_size;   // sizeof(spindrift_request)
  uint32_t sample_index;  // which of the samples of this seed
  uint64_t seed;
  int32_t class_label;    // -1: none
  float guidance;         // weight of classifier-free guidance; 1: none, and half the work
  const float *noise;     // starting noise, NCHW, instead of that of the seed; or NULL
  size_t noise_count;     // values at `noise`: the model's sample_values or, where a decoder makes another shape of the
                          // sample, the sample's (the error says how many); 0 without noise
  uint32_t threads;       // the calling thread included
  uint32_t reserved;      // 0
  spindrift_progress progress;  // or NULL
  void *user;                   // handed to `progress`
  const char *kernel;           // "scalar", "avx2", "avxvnni", "avx512vnni", "neon", "dotprod", "i8mm"; NULL: the fastest. All give the same bytes
} spindrift_request;

/// Seed 0, no class, no guidance, one thread.
static inline spindrift_request spindrift_request_default(void) {
  spindrift_request request;
  memset(&request, 0, sizeof request);
  request.struct_size = (uint32_t)sizeof request;
  request.class_label = -1;
  request.guidance = 1;
  request.threads = 1;
  return request;
}

/// Opens a model that lies in memory: verifies all of it and uses it in place. `bytes` must be 64-byte aligned and stay unchanged
/// until the model is closed. `error` may be NULL, here and below.
int32_t spindrift_open_memory(spindrift_model *model, const void *bytes, size_t length, spindrift_error *error);

/// Maps a file and opens it. Replace a model's file by renaming another over it, never by writing into it while it is open.
int32_t spindrift_open_path(spindrift_model *model, const char *path, spindrift_error *error);

/// Closes a model; nobody may be generating from it.
int32_t spindrift_close(spindrift_model *model);

/// Fills `info`.
int32_t spindrift_query(const spindrift_model *model, spindrift_info *info);

/// How large an arena `threads` threads need. It must be 64-byte aligned.
int32_t spindrift_arena_bytes(const spindrift_model *model, uint32_t threads, uint64_t *bytes);

/// Generates one picture into `output`, the sample or what the model's decoder makes of it: sample_values floats, NCHW, in the model's data range. The arena's contents do not matter
/// before and mean nothing after. Arena, output and noise must not overlap.
int32_t spindrift_generate(const spindrift_model *model, void *arena, size_t arena_bytes, const spindrift_request *request,
                           float *output, size_t output_values, spindrift_error *error);

/// Turns a sample into pixels, row by row, the channels of a pixel side by side: data_low becomes 0, data_high 255.
int32_t spindrift_pixels(const spindrift_model *model, const float *sample, size_t sample_values, uint8_t *pixels,
                         size_t pixel_bytes);

/// A sentence about a code: what is wrong and what to do. Static text, never NULL.
const char *spindrift_error_text(int32_t code);

/// Version of the library: major * 65536 + minor * 256 + patch.
uint32_t spindrift_version(void);

#ifdef __cplusplus
}
#endif

#endif
