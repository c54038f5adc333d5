// The one fold from an event to the derived rows (derived.sql). The writer uses it in the transaction of the events,
// `storage rebuild` and check_derived use it over the whole log: so both give the same rows.
//
// It reads nothing but the event and the rows made by earlier events: no clock, no memory of its own.
#pragma once

#include <stdexcept>

#include <core/event.hpp>

#include "names.hpp"

namespace headrace::storage {

/// The event does not fit what happened before (an unknown run or step) or its payload lacks a field.
class InvalidEvent : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Projection {
 public:
  Projection(sqlite::Connection& connection, Names& names);

  /// `event.id` is assigned; `asset` and `partition` are the numbers of its names. Throws InvalidEvent,
  /// ConstraintError (a second run of the same number or id) or StorageError. Kinds it does not know change nothing.
  void apply(const Event& event, std::int64_t asset, std::int64_t partition);

 private:
  struct Step {
    StepStatus status;
    int attempt;
    std::int64_t asset;
  };

  void run_created(const Event& event);
  void run_ended(const Event& event);
  void step_started(const Event& event);
  void step_ended(const Event& event);
  void materialized(const Event& event, std::int64_t asset, std::int64_t partition);

  Step find_step(const Event& event);
  void count(std::int64_t run, StepStatus before, StepStatus after);
  void set_free(std::int64_t run, int upstream);
  /// Throws when the statement before changed no row: the run is not there.
  void must_have_changed(const Event& event);

  sqlite::Connection& connection_;
  Names& names_;
  sqlite::Statement insert_run_, insert_step_, insert_edge_, start_run_, cancel_run_, end_run_, delete_edges_;
  sqlite::Statement select_step_, start_step_, start_attempt_, end_step_, end_attempt_, count_steps_, lower_missing_, make_ready_;
  sqlite::Statement asset_seen_, asset_step_, asset_materialized_, set_latest_;
};

/// The derived tables, by name, for those who drop or compare them.
inline constexpr const char* k_derived_tables[] = {"runs", "steps", "step_edges", "attempts", "assets", "latest"};

}  // namespace headrace::storage
