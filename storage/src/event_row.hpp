// The columns of an event as every query selects them, and the way back.
#pragma once

#include <core/event.hpp>

#include "sqlite/statement.hpp"

namespace headrace::storage {

#define HEADRACE_EVENT_COLUMNS "e.id, e.kind, e.version, e.time, e.run, e.step, e.attempt, a.name, p.name, e.payload"
#define HEADRACE_SELECT_EVENTS \
  "SELECT " HEADRACE_EVENT_COLUMNS " FROM events e LEFT JOIN names a ON a.id = e.asset LEFT JOIN names p ON p.id = e.partition "

inline constexpr const char* k_select_all_events = HEADRACE_SELECT_EVENTS "ORDER BY e.id";

inline Event event_from(const sqlite::Statement::Use& row) {
  Event event;
  event.id = row.integer(0);
  event.kind = static_cast<EventKind>(row.small(1));
  event.version = row.small(2);
  event.time = row.integer(3);
  event.run = row.integer(4);  // NULL reads as 0
  event.step = row.is_null(5) ? -1 : row.small(5);
  event.attempt = row.small(6);
  event.asset_key = row.text(7);
  event.partition = row.text(8);
  event.payload = row.text(9);
  return event;
}

}  // namespace headrace::storage
