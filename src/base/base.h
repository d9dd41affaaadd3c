#ifndef BASE_BASE_H
#define BASE_BASE_H

/* Everything that a room may want from base. Each header is a manual of its own. */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/encode.h"
#include "base/error.h"
#include "base/file.h"
#include "base/flow.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"
#include "base/map.h"
#include "base/metrics.h"
#include "base/slice.h"
#include "base/texts.h"
#include "base/ticket.h"

#endif
