// /metrics, in Prometheus' text format. Counters and histograms start at 0 with the daemon.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>

#include "answer.hpp"
#include "query.hpp"
#include "service.hpp"

namespace headrace::api {
namespace {

using code_locations::LocationState;

/// What only the I/O thread may look at.
struct LoopFigures {
  http::ServerCounts server;
  runs::RunFigures runs;
  std::int64_t stream_lag = 0;
};

class Metrics {
 public:
  /// The samples that follow belong to this metric.
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }
  /// `labels` with their braces, or none. Their values are words of ours, so that nothing has to be escaped.
  template <class Number>
  void sample(Number value, std::string_view labels = {}, std::string_view suffix = {}) {
    text_ += fmt::format("{}{}{} {}\n", name_, suffix, labels, value);
  }
  template <class Number>
  void one(std::string_view name, std::string_view type, std::string_view help, Number value) {
    begin(name, type, help);
    sample(value);
  }
  void histogram(std::string_view name, std::string_view help, const runs::Histogram& histogram) {
    begin(name, "histogram", help);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      total += histogram.counts[i];
      const bool last = i == histogram.k_bounds.size();
      sample(total, fmt::format("{{le=\"{}\"}}", last ? "+Inf" : fmt::format("{}", histogram.k_bounds[i])), "_bucket");
    }
    sample(histogram.sum, {}, "_sum");
    sample(total, {}, "_count");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_, name_;
};

std::int64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

std::int64_t resident_bytes() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

std::int64_t open_descriptors() {
  std::error_code error;
  std::int64_t count = 0;
  for (std::filesystem::directory_iterator one("/proc/self/fd", error), end; !error && one != end; one.increment(error)) ++count;
  return count;
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void add_daemon(Metrics& metrics, const Context& context) {
  metrics.begin("headrace_build_info", "gauge", "The daemon's version; always 1.");
  metrics.sample(1, fmt::format("{{version=\"{}\"}}", context.version));
  metrics.one("process_start_time_seconds", "gauge", "When the daemon started, in seconds since 1970-01-01 UTC.",
              context.started_at / 1'000'000);
  metrics.one("process_resident_memory_bytes", "gauge", "Memory of the daemon that is in RAM.", resident_bytes());
  metrics.one("process_cpu_seconds_total", "counter", "Processor time of the daemon.", cpu_seconds());
  metrics.one("process_open_fds", "gauge", "Open descriptors of the daemon.", open_descriptors());
}

void add_log(Metrics& metrics, const Context& context, const LoopFigures& figures) {
  const auto last = context.log.last_id();
  metrics.one("headrace_last_event_id", "gauge", "The last event of the log.", last);
  metrics.begin("headrace_event_lag", "gauge", "Committed events that a reader of the log has not read yet.");
  metrics.sample(std::max<std::int64_t>(0, last - figures.runs.cursor), "{reader=\"run_coordinator\"}");
  metrics.sample(figures.stream_lag, "{reader=\"event_streams\"}");
  metrics.one("headrace_write_queue_batches", "gauge", "Batches of events that wait for the writer.", context.log.queued());
  metrics.begin("headrace_database_bytes", "gauge", "Size of the event log's files.");
  metrics.sample(size_of(context.home / "headrace.db"), "{file=\"database\"}");
  metrics.sample(size_of(context.home / "headrace.db-wal"), "{file=\"write_ahead_log\"}");
  std::error_code error;
  if (const auto space = std::filesystem::space(context.home, error); !error)
    metrics.one("headrace_disk_available_bytes", "gauge", "Space left on the disk of the home.", space.available);
}

void add_runs(Metrics& metrics, const runs::RunFigures& figures, const std::map<RunStatus, std::int64_t>& counts) {
  metrics.begin("headrace_runs", "gauge", "Runs in the log by status.");
  for (auto status : {RunStatus::queued, RunStatus::starting, RunStatus::running, RunStatus::canceling, RunStatus::success,
                      RunStatus::failure, RunStatus::canceled}) {
    const auto found = counts.find(status);
    metrics.sample(found == counts.end() ? 0 : found->second, fmt::format("{{status=\"{}\"}}", to_string(status)));
  }
  metrics.begin("headrace_workers", "gauge", "Worker processes by whether they have a step.");
  metrics.sample(figures.busy_workers, "{state=\"busy\"}");
  metrics.sample(figures.workers - figures.busy_workers, "{state=\"idle\"}");
  metrics.begin("headrace_step_attempts_total", "counter", "Attempts of steps that ended, by outcome.");
  for (auto status :
       {StepStatus::success, StepStatus::failure, StepStatus::retrying, StepStatus::canceled, StepStatus::skipped}) {
    const auto found = figures.step_ends.find(status);
    metrics.sample(found == figures.step_ends.end() ? 0 : found->second, fmt::format("{{outcome=\"{}\"}}", to_string(status)));
  }
  metrics.histogram("headrace_step_duration_seconds", "Attempts of steps, from start to end.", figures.step_seconds);
  metrics.histogram("headrace_launch_duration_seconds", "From the request of a run until it is in the log.",
                    figures.launch_seconds);
}

void add_workspace(Metrics& metrics, const code_locations::WorkspaceSnapshot& workspace) {
  std::array<std::int64_t, 3> states{};
  for (const auto& location : workspace.locations) ++states[static_cast<std::size_t>(location.state)];
  metrics.one("headrace_assets", "gauge", "Assets in the graph.", workspace.graph->size());
  metrics.begin("headrace_code_locations", "gauge", "Code locations by state.");
  metrics.sample(states[static_cast<std::size_t>(LocationState::loading)], "{state=\"loading\"}");
  metrics.sample(states[static_cast<std::size_t>(LocationState::loaded)], "{state=\"loaded\"}");
  metrics.sample(states[static_cast<std::size_t>(LocationState::failed)], "{state=\"failed\"}");
}

void add_server(Metrics& metrics, const http::ServerCounts& counts) {
  metrics.one("headrace_http_connections", "gauge", "Open connections.", counts.connections);
  metrics.one("headrace_http_streams", "gauge", "Open event streams.", counts.streams);
  metrics.one("headrace_http_requests_total", "counter", "Requests.", counts.requests);
  metrics.one("headrace_http_refused_total", "counter", "Requests refused before a handler saw them.", counts.refused);
}

http::Response metrics_response(Service& service, const LoopFigures& figures, storage::Reader& reader) {
  Metrics metrics;
  add_daemon(metrics, service.context);
  add_log(metrics, service.context, figures);
  add_runs(metrics, figures.runs, reader.run_counts());
  add_workspace(metrics, *service.context.workspace.snapshot());
  add_server(metrics, figures.server);
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics.take();
  return response;
}

void serve_metrics(const ServicePtr& service, const http::Request&, const http::Respond& respond) {
  const auto& context = service->context;
  LoopFigures figures;
  if (context.server_counts) figures.server = context.server_counts();
  if (context.run_figures) figures.runs = context.run_figures();
  figures.stream_lag = context.streams.lag();
  read(service->context, respond,
       [service, figures, respond](storage::Reader& reader) { respond(metrics_response(*service, figures, reader)); });
}

}  // namespace

void add_metrics_routes(http::Router& router, const ServicePtr& service) {
  router.add(get("/metrics", [service](http::Request q, http::Respond respond) { serve_metrics(service, q, respond); }));
}

}  // namespace headrace::api
