#include <journal.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <core/json.hpp>
#include <checksum.hpp>
#include <cstring>
#include <descriptors.hpp>
#include <fmt/format.h>
#include <secrets.hpp>

namespace headrace {
inline namespace sdk {
namespace {

/// A step's start, and what follows so soon, need no wake-up: the daemon looks by itself a moment after it gave the step.
constexpr std::int64_t k_soon = 1'000;

[[noreturn]] void fail_append(const char* reason, int status) {
  const auto text = fmt::format("headrace: cannot append to this worker's journal: {}\n", reason);
  [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
  ::_exit(status);
}

std::string quoted(const std::string& text) { return dump_json(json(text)); }

/// An object's fields, without its braces.
std::string fields_of(const json& object) {
  const std::string text = dump_json(object);
  return text.substr(1, text.size() - 2);
}

}  // namespace

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Journal::append(std::initializer_list<std::string_view> lines, bool wakes) {
  std::string bytes;
  for (const auto line : lines) {
    if (line.empty()) continue;
    bytes += fmt::format("{:08x} ", checksum_of(line));
    bytes += line;
    bytes += '\n';
  }
  ssize_t written;
  do written = ::write(k_journal, bytes.data(), bytes.size());
  while (written < 0 && errno == EINTR);
  if (written < 0) fail_append(std::strerror(errno), errno == EBADF ? 1 : k_exit_journal_failed);
  if (static_cast<std::size_t>(written) != bytes.size()) fail_append("no space left", k_exit_journal_failed);
  if (wakes) wake();
}

// Where it cannot be sent, enough wake-ups wait already, or nobody listens: the journal is there to be read.
void Journal::wake() { ::send(k_control, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL); }

JournalReporter::JournalReporter(Journal& journal, OutputFiles& output, const StepRequest& request)
    : journal_(journal), output_(output) {
  ids_ = fmt::format(R"("run_id":{},"step_key":{},"attempt":{})", quoted(request.run.run_id), quoted(request.step_key),
                     request.attempt);
}

std::string JournalReporter::line(const char* type, std::int64_t time, const Offsets& offsets, std::string_view fields) const {
  return fmt::format(R"({{"type":"{}","time":{},{},"offsets":[{},{},{}]{}{}}})", type, time, ids_, offsets[0], offsets[1],
                     offsets[2], fields.empty() ? "" : ",", fields);
}

void JournalReporter::started(bool wake) {
  started_ = now();
  journal_.append({line("step_started", started_, output_.offsets())}, wake);
}

void JournalReporter::inputs_loaded(const json& inputs) {
  const auto time = now();
  journal_.append({line("inputs_loaded", time, output_.offsets(), fields_of({{"inputs", mask_json(inputs)}}))},
                  time - started_ >= k_soon);
}

void JournalReporter::observed(const AssetKey& key, const std::optional<std::string>& partition, const json& metadata) {
  const json fields{
      {"asset_key", key.path()}, {"partition", partition ? json(*partition) : json(nullptr)}, {"metadata", mask_json(metadata)}};
  journal_.append({line("observed", now(), output_.offsets(), fields_of(fields))});
}

void JournalReporter::materialized(const Materialization& made) {
  materialized_at_ = now();
  json metadata = to_json(made.metadata);
  if (!made.observed_path.empty()) metadata["path"] = {{"type", "path"}, {"value", made.observed_path}, {"observed", true}};
  materialized_ = fields_of({{"asset_key", made.key.path()},
                             {"partition", made.partition ? json(*made.partition) : json(nullptr)},
                             {"metadata", mask_json(std::move(metadata))},
                             {"stored", mask_json(made.stored)},
                             {"data_version", made.data_version ? json(*made.data_version) : json(nullptr)},
                             {"tags", mask_json(made.tags)}});
}

void JournalReporter::log(std::string_view level, const std::string& message) {
  const auto text =
      fmt::format("{{\"time\":{},\"level\":\"{}\",\"message\":{},{}}}\n", now(), level, quoted(mask(message)), ids_);
  // A line that cannot be written is lost: the journal will tell of the full disk.
  [[maybe_unused]] const auto written = ::write(k_log, text.data(), text.size());
}

Offsets JournalReporter::ended(const char* status, const json& error, double seconds, const json& more, bool wake) {
  const auto offsets = output_.offsets();
  std::string end = fmt::format(R"("status":"{}","error":{},"seconds":{:.6f})", status, dump_json(error), seconds);
  if (!more.empty()) end += "," + fields_of(more);
  // What is written in one append with the end has the end's offsets.
  const std::string made = materialized_.empty() ? "" : line("materialized", materialized_at_, offsets, materialized_);
  journal_.append({made, line("step_ended", now(), offsets, end)}, wake);
  return offsets;
}

void JournalReporter::never_started() {
  const auto offsets = output_.offsets();
  journal_.append({line("step_started", now(), offsets),
                   line("step_ended", now(), offsets, R"("status":"canceled","error":null,"seconds":0.0)")});
}

}  // namespace sdk
}  // namespace headrace
