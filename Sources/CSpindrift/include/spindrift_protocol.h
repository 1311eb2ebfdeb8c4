// What goes over the socket of `spindriftd`, byte for byte. docs/embedding.md tells the whole story.
//
// A connection carries one request and its answers. Both sides send frames: a spindrift_frame, then `length` bytes of payload.
// Everything is little-endian.
#ifndef SPINDRIFT_PROTOCOL_H
#define SPINDRIFT_PROTOCOL_H

#include <stdint.h>

enum {
  SPINDRIFT_FRAME_MAGIC = 0x44445053,  // "SPDD" in the order of the bytes
  SPINDRIFT_PROTOCOL_VERSION = 1,
  /// Most pictures that one request may ask for.
  SPINDRIFT_REQUEST_MAX_COUNT = 4096,
};

typedef enum spindrift_frame_type {
  // From the client.
  SPINDRIFT_FRAME_QUERY = 1,     // no payload; answered by INFO
  SPINDRIFT_FRAME_GENERATE = 2,  // spindrift_frame_generate, then starting noise if its flag says so; answered by PROGRESS, PICTURE, DONE
  SPINDRIFT_FRAME_CANCEL = 3,    // no payload; only after GENERATE; answered by DONE
  // From the daemon.
  SPINDRIFT_FRAME_INFO = 129,      // spindrift_frame_info
  SPINDRIFT_FRAME_PROGRESS = 130,  // spindrift_frame_progress
  SPINDRIFT_FRAME_PICTURE = 131,   // spindrift_frame_picture, then the picture
  SPINDRIFT_FRAME_DONE = 132,      // spindrift_frame_done; the last one
  SPINDRIFT_FRAME_ERROR = 133,     // spindrift_frame_error, then UTF-8 text; the last one
} spindrift_frame_type;

/// Codes of ERROR frames beyond those of spindrift_status (spindrift.h).
typedef enum spindrift_protocol_error {
  SPINDRIFT_PROTOCOL_BAD_MAGIC = 1100,
  SPINDRIFT_PROTOCOL_BAD_VERSION = 1101,
  SPINDRIFT_PROTOCOL_UNKNOWN_TYPE = 1102,
  /// A payload longer or shorter than the frame's type has it.
  SPINDRIFT_PROTOCOL_BAD_LENGTH = 1103,
  /// The frame was not complete in time.
  SPINDRIFT_PROTOCOL_LATE = 1104,
  /// The client closed its end in the middle of a frame.
  SPINDRIFT_PROTOCOL_SHORT = 1105,
  /// A frame that must not come now.
  SPINDRIFT_PROTOCOL_UNEXPECTED = 1106,
  /// Unknown flags, reserved fields that are not zero, or a count out of range.
  SPINDRIFT_PROTOCOL_BAD_REQUEST = 1107,
  /// The daemon was asked to stop.
  SPINDRIFT_PROTOCOL_STOPPING = 1108,
} spindrift_protocol_error;

typedef struct spindrift_frame {
  uint32_t magic;  // SPINDRIFT_FRAME_MAGIC
  uint16_t version;
  uint16_t type;      // spindrift_frame_type
  uint32_t length;    // bytes of payload
  uint32_t reserved;  // 0
} spindrift_frame;

typedef enum spindrift_generate_flags {
  SPINDRIFT_GENERATE_PNG = 1,    // pictures as PNG instead of float32; for models of 1 or 3 channels
  SPINDRIFT_GENERATE_NOISE = 2,  // float32, NCHW, follow: starting noise of the one sample, channels * height * width values or,
                                 // of a model with a decoder, as many as its sample has; count is 1
} spindrift_generate_flags;

typedef struct spindrift_frame_generate {
  uint64_t seed;
  uint32_t first_sample;  // index of the first sample of the seed
  uint32_t count;         // 1 to SPINDRIFT_REQUEST_MAX_COUNT
  int32_t class_label;    // -1: none
  float guidance;         // 1: none
  uint32_t flags;         // spindrift_generate_flags
  uint32_t reserved;      // 0
} spindrift_frame_generate;

typedef struct spindrift_frame_info {
  uint32_t channels, height, width;
  uint32_t class_count;
  int32_t null_class;
  uint32_t steps;
  float data_low, data_high, default_guidance;
  uint32_t reserved;
} spindrift_frame_info;

typedef struct spindrift_frame_progress {
  uint32_t picture;  // 0 ..< count
  uint32_t count;
  uint32_t steps_done;  // of this picture
  uint32_t steps;
} spindrift_frame_progress;

typedef enum spindrift_picture_format {
  SPINDRIFT_PICTURE_FLOAT32 = 0,  // NCHW, in the model's data range
  SPINDRIFT_PICTURE_PNG = 1,
} spindrift_picture_format;

typedef struct spindrift_frame_picture {
  uint32_t picture;  // 0 ..< count
  uint32_t format;   // spindrift_picture_format
  uint32_t channels, height, width;
  uint32_t reserved;
} spindrift_frame_picture;

typedef struct spindrift_frame_done {
  uint32_t pictures;   // that were sent
  uint32_t cancelled;  // 1 if the client asked for the end
} spindrift_frame_done;

typedef struct spindrift_frame_error {
  int32_t code;  // spindrift_status or spindrift_protocol_error
  uint32_t reserved;
  uint64_t offset, expected, found;
} spindrift_frame_error;

#endif
