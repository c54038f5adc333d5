// The floor of a step: what a loop, a pipe, a worker and SQLite cost when nothing else is there. No HTTP, no plan, no journal
// file, no adoption; but the same work as a step of Headrace: load the upstream's pickle, write one's own atomically, four
// events, and their commit before a step that waits for them is handed out.
#include <poll.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "event_log.hpp"
#include "worker.hpp"

namespace floor_program {
namespace {

struct Options {
  std::string python, worker_file, folder;
  std::string mode = "worker", shape = "chain", durability = "full", import_module;
  int steps = 1000, workers = 2, length = 250;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options), log_(options.folder + "/floor.db", options.durability == "full") {
    const bool is_chain = options.shape == "chain", forks = options.mode == "fork";
    // A fork server forks as many steps at a time as there are workers; workers of a wide graph have their next steps at hand.
    const int processes = is_chain || forks ? 1 : options.workers;
    most_in_hand_ = is_chain ? 1 : forks ? options.workers : 32;
    for (int i = 0; i < processes; ++i) {
      workers_.push_back(std::make_unique<Worker>(std::vector{options.python, options.worker_file, options.mode, options.shape,
                                                              options.durability, options.folder, options.import_module}));
    }
    for (auto& worker : workers_) wait_for(*worker, "ready");
  }

  nlohmann::json measure() {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    hand_out();
    while (ended_ < options_.steps) {
      wait();
      log_.commit();
      hand_out();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    double cpu_used = cpu_seconds() - cpu;
    for (auto& worker : workers_) {
      worker->finish_sending();
      cpu_used += wait_for(*worker, "cpu_seconds").at("cpu_seconds").get<double>();
    }
    if (log_.events() != 4L * options_.steps) throw std::runtime_error("events are missing");
    return {{"steps", options_.steps},
            {"ms_per_step", seconds.count() * 1e3 / options_.steps},
            {"cpu_ms_per_step", cpu_used * 1e3 / options_.steps},
            {"commits", log_.commits()}};
  }

 private:
  static nlohmann::json wait_for(Worker& worker, const char* field) {
    for (;;) {
      while (auto line = worker.next_line()) {
        if (auto json = nlohmann::json::parse(*line); json.contains(field)) return json;
      }
      if (!worker.read_more()) throw std::runtime_error("a worker ended too soon");
    }
  }

  void hand_out() {
    for (auto& worker : workers_) {
      while (given_ < options_.steps && worker->steps_in_hand < most_in_hand_) {
        worker->send(nlohmann::json{{"step", given_++}}.dump() + "\n");
        ++worker->steps_in_hand;
      }
    }
  }

  void wait() {
    std::vector<pollfd> descriptors;
    for (const auto& worker : workers_) descriptors.push_back({worker->descriptor(), POLLIN, 0});
    if (::poll(descriptors.data(), descriptors.size(), -1) < 0) throw std::runtime_error("poll");
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      if (descriptors[i].revents == 0) continue;
      if (!workers_[i]->read_more()) throw std::runtime_error("a worker ended too soon");
      take_lines(*workers_[i]);
    }
  }

  // A forked step is over when its process is gone, which the fork server tells; else with its last event.
  void take_lines(Worker& worker) {
    const bool forks = options_.mode == "fork";
    while (auto line = worker.next_line()) {
      const auto json = nlohmann::json::parse(*line);
      const bool is_exit = json.contains("exited");
      if (!is_exit) log_.append(json, *line);
      if (is_exit || (!forks && json.at("type") == "step_ended")) {
        ++ended_;
        --worker.steps_in_hand;
      }
    }
  }

  const Options& options_;
  EventLog log_;
  std::vector<std::unique_ptr<Worker>> workers_;
  int most_in_hand_ = 1, given_ = 0, ended_ = 0;
};

/// Rows as long as events, in transactions of a thousand.
nlohmann::json ingest(const Options& options) {
  EventLog log(options.folder + "/floor.db", options.durability == "full");
  const std::string line(static_cast<std::size_t>(options.length), 'x');
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < options.steps; ++i) {
    log.append_row(i, "observed", i, line);
    if (i % 1000 == 999) log.commit();
  }
  log.commit();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return {{"rows_per_second", options.steps / seconds.count()}, {"commits", log.commits()}};
}

}  // namespace
}  // namespace floor_program

int main(int argc, char** argv) {
  floor_program::Options options;
  CLI::App app("The least that a durable step costs; prints one JSON object.");
  app.add_option("--python", options.python, "the interpreter");
  app.add_option("--worker", options.worker_file, "floor/worker.py");
  app.add_option("--folder", options.folder, "where values and the database go")->required();
  app.add_option("--mode", options.mode)->check(CLI::IsMember({"worker", "fork", "ingest"}));
  app.add_option("--shape", options.shape)->check(CLI::IsMember({"chain", "wide"}));
  app.add_option("--durability", options.durability)->check(CLI::IsMember({"fast", "full"}));
  app.add_option("--import", options.import_module, "a module that the worker imports first");
  app.add_option("--steps", options.steps);
  app.add_option("--workers", options.workers);
  app.add_option("--length", options.length, "of a row, for --mode ingest, where --steps is the number of rows");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto result = options.mode == "ingest" ? floor_program::ingest(options) : floor_program::Run(options).measure();
    std::puts(result.dump().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "headrace_floor: %s\n", error.what());
    return 1;
  }
  return 0;
}
