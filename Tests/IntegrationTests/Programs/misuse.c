// Uses the C interface wrongly in every way it has a code for, then rightly: misuse MODEL.drift. Prints what did not go as expected.
// The model must have classes with a null class, and more than one step.
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spindrift.h"

static int failures;

#define EXPECT(expected, ...)                                                                            \
  do {                                                                                                   \
    const int64_t found_ = (int64_t)(__VA_ARGS__);                                                       \
    if (found_ != (int64_t)(expected)) {                                                                 \
      printf("line %d: %s: expected %" PRId64 ", found %" PRId64 "\n", __LINE__, #__VA_ARGS__, (int64_t)(expected), found_); \
      failures++;                                                                                        \
    }                                                                                                    \
  } while (0)

static int32_t stop_after_two(void *user, uint32_t done, uint32_t of) {
  uint32_t *calls = user;
  ++*calls;
  return done == 2 || of < 2;
}

static void *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  unsigned char *bytes = aligned_alloc(64, (*length / 64 + 2) * 64);
  if (bytes != NULL && fread(bytes, 1, *length, file) != *length) bytes = NULL;
  fclose(file);
  return bytes;
}

static void open_wrongly(const char *path, unsigned char *bytes, size_t length) {
  spindrift_model model = {0};
  spindrift_error error;
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_open_path(NULL, path, &error));
  EXPECT(1, error.found);
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_open_path(&model, NULL, &error));
  EXPECT(2, error.found);
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_open_path(&model, NULL, NULL));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_open_path((spindrift_model *)((char *)&model + 1), path, &error));
  EXPECT(SPINDRIFT_MAP_FAILED, spindrift_open_path(&model, "/no/such/file", &error));
  EXPECT(2, error.found);
  EXPECT(SPINDRIFT_NOT_REGULAR_FILE, spindrift_open_path(&model, "/", &error));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_open_memory(&model, NULL, length, &error));
  EXPECT(100, spindrift_open_memory(&model, bytes, 0, &error));
  EXPECT(101, spindrift_open_memory(&model, bytes + 1, length, &error));
  EXPECT(105, spindrift_open_memory(&model, bytes, length - 64, &error));
  bytes[3] ^= 1;
  EXPECT(102, spindrift_open_memory(&model, bytes, length, &error));
  bytes[3] ^= 1;
  EXPECT(SPINDRIFT_NOT_OPEN, spindrift_close(&model));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_close(NULL));
}

static void query_wrongly(const spindrift_model *model) {
  const spindrift_model closed = {0};
  spindrift_info info = {.struct_size = sizeof info};
  uint64_t bytes;
  EXPECT(SPINDRIFT_NOT_OPEN, spindrift_query(&closed, &info));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_query(NULL, &info));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_query(model, NULL));
  info.struct_size = sizeof info - 1;
  EXPECT(SPINDRIFT_BAD_STRUCT_SIZE, spindrift_query(model, &info));
  EXPECT(SPINDRIFT_NOT_OPEN, spindrift_arena_bytes(&closed, 1, &bytes));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_arena_bytes(model, 1, NULL));
  EXPECT(SPINDRIFT_BAD_THREADS, spindrift_arena_bytes(model, 0, &bytes));
  EXPECT(SPINDRIFT_BAD_THREADS, spindrift_arena_bytes(model, UINT32_MAX, &bytes));
}

static void generate_wrongly(const spindrift_model *model, const spindrift_info *info, unsigned char *arena, uint64_t bytes, float *out) {
  const spindrift_model closed = {0};
  const size_t values = info->sample_values;
  spindrift_error error;
  spindrift_request request = spindrift_request_default();
  EXPECT(SPINDRIFT_NOT_OPEN, spindrift_generate(&closed, arena, bytes, &request, out, values, &error));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_generate(model, NULL, bytes, &request, out, values, &error));
  EXPECT(2, error.found);
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_generate(model, arena, bytes, NULL, out, values, &error));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_generate(model, arena, bytes, &request, NULL, values, &error));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_generate(model, arena, bytes, &request, (float *)((char *)out + 1), values, &error));
  EXPECT(SPINDRIFT_ARENA_TOO_SMALL, spindrift_generate(model, arena, bytes - 1, &request, out, values, &error));
  EXPECT(bytes, error.expected);
  EXPECT(bytes - 1, error.found);
  EXPECT(SPINDRIFT_ARENA_MISALIGNED, spindrift_generate(model, arena + 4, bytes, &request, out, values, &error));
  EXPECT(64, error.expected);
  EXPECT(SPINDRIFT_OUTPUT_TOO_SMALL, spindrift_generate(model, arena, bytes, &request, out, values - 1, &error));
  EXPECT(values, error.expected);
  request.struct_size = 8;
  EXPECT(SPINDRIFT_BAD_STRUCT_SIZE, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  EXPECT(8, error.found);
  request = spindrift_request_default();
  request.class_label = (int32_t)info->class_count;
  EXPECT(SPINDRIFT_BAD_CLASS, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request.class_label = -2;
  EXPECT(SPINDRIFT_BAD_CLASS, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request = spindrift_request_default();
  request.threads = 0;
  EXPECT(SPINDRIFT_BAD_THREADS, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request.threads = UINT32_MAX;
  EXPECT(SPINDRIFT_BAD_THREADS, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request = spindrift_request_default();
  request.reserved = 1;
  EXPECT(SPINDRIFT_BAD_ARGUMENT, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request = spindrift_request_default();
  request.guidance = NAN;
  EXPECT(SPINDRIFT_BAD_GUIDANCE, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request = spindrift_request_default();
  request.kernel = "none such";
  EXPECT(SPINDRIFT_BAD_KERNEL, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request = spindrift_request_default();
  request.noise = out;
  request.noise_count = values - 1;
  EXPECT(SPINDRIFT_BAD_NOISE, spindrift_generate(model, arena, bytes, &request, out, values, &error));
  request.noise = NULL;
  EXPECT(SPINDRIFT_BAD_NOISE, spindrift_generate(model, arena, bytes, &request, out, values, &error));
}

static void generate_rightly(const spindrift_model *model, const spindrift_info *info, unsigned char *arena, uint64_t bytes) {
  const size_t values = info->sample_values, size = values * sizeof(float);
  float *first = malloc(size), *second = malloc(size);
  uint8_t *pixels = malloc(values);
  spindrift_error error;
  spindrift_request request = spindrift_request_default();
  uint32_t calls = 0;
  request.seed = 7;
  request.class_label = 1;
  request.guidance = 2;
  request.progress = stop_after_two;
  request.user = &calls;
  EXPECT(SPINDRIFT_CANCELLED, spindrift_generate(model, arena, bytes, &request, first, values, &error));
  EXPECT(SPINDRIFT_CANCELLED, error.code);
  EXPECT(2, calls);

  // What was left of the cancelled run, or anything else in the arena, changes nothing; nor do the kernels.
  request.progress = NULL;
  EXPECT(SPINDRIFT_OK, spindrift_generate(model, arena, bytes, &request, first, values, &error));
  EXPECT(0, error.code);
  memset(arena, 0xA5, bytes);
  request.kernel = "scalar";
  EXPECT(SPINDRIFT_OK, spindrift_generate(model, arena, bytes, &request, second, values, NULL));
  EXPECT(0, memcmp(first, second, size));
  request.sample_index = 1;
  EXPECT(SPINDRIFT_OK, spindrift_generate(model, arena, bytes, &request, second, values, NULL));
  EXPECT(1, memcmp(first, second, size) != 0);

  // A caller of a later version has a longer structure.
  struct { spindrift_request known; uint64_t later; } longer = {request, 0};
  longer.known.struct_size = sizeof longer;
  EXPECT(SPINDRIFT_OK, spindrift_generate(model, arena, bytes, &longer.known, first, values, NULL));
  EXPECT(0, memcmp(first, second, size));

  first[0] = info->data_low;
  EXPECT(SPINDRIFT_OK, spindrift_pixels(model, first, values, pixels, values));
  EXPECT(0, pixels[0]);
  EXPECT(SPINDRIFT_OUTPUT_TOO_SMALL, spindrift_pixels(model, first, values, pixels, values - 1));
  EXPECT(SPINDRIFT_OUTPUT_TOO_SMALL, spindrift_pixels(model, first, values - 1, pixels, values));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_pixels(model, NULL, values, pixels, values));
  EXPECT(SPINDRIFT_BAD_POINTER, spindrift_pixels(model, first, values, NULL, values));
  free(pixels);
  free(second);
  free(first);
}

int main(int count, char **arguments) {
  size_t length = 0;
  unsigned char *bytes = count == 2 ? read_file(arguments[1], &length) : NULL;
  if (bytes == NULL) return 64;
  open_wrongly(arguments[1], bytes, length);

  spindrift_model model = {0}, same = {0};
  spindrift_error error;
  EXPECT(SPINDRIFT_OK, spindrift_open_memory(&same, bytes, length, &error));
  EXPECT(SPINDRIFT_OK, spindrift_close(&same));
  EXPECT(SPINDRIFT_NOT_OPEN, spindrift_close(&same));
  EXPECT(SPINDRIFT_OK, spindrift_open_path(&model, arguments[1], NULL));
  EXPECT(SPINDRIFT_ALREADY_OPEN, spindrift_open_path(&model, arguments[1], NULL));
  query_wrongly(&model);

  spindrift_info info = {.struct_size = sizeof info};
  EXPECT(SPINDRIFT_OK, spindrift_query(&model, &info));
  EXPECT(length, info.file_bytes);
  EXPECT(info.channels * info.height * info.width, info.sample_values);
  uint64_t arena_bytes = 0;
  EXPECT(SPINDRIFT_OK, spindrift_arena_bytes(&model, 1, &arena_bytes));
  unsigned char *arena = aligned_alloc(64, (arena_bytes / 64 + 2) * 64);
  float *output = malloc((info.sample_values + 1) * sizeof *output);
  generate_wrongly(&model, &info, arena, arena_bytes, output);
  generate_rightly(&model, &info, arena, arena_bytes);
  EXPECT(SPINDRIFT_OK, spindrift_close(&model));

  for (int32_t code = -1; code < 1200; code++) {
    if (strlen(spindrift_error_text(code)) < 5) {
      printf("code %" PRId32 " has no text\n", code);
      failures++;
    }
  }
  EXPECT(SPINDRIFT_VERSION_MAJOR * 65536 + SPINDRIFT_VERSION_MINOR * 256 + SPINDRIFT_VERSION_PATCH, spindrift_version());
  if (failures == 0) printf("ok\n");
  return failures == 0 ? 0 : 1;
}
