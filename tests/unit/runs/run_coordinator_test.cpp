// Runs from their creation to their end, with real processes that behave and misbehave.
#include "engine.hpp"

namespace headrace::runs {
namespace {

using nlohmann::json;
using Statuses = std::map<std::string, std::string>;

const json k_diamond{{"a", json::array()}, {"b", {"a"}}, {"c", {"a"}}, {"d", {"b", "c"}}};

class RunCoordinatorTest : public EngineTest {};

TEST_F(RunCoordinatorTest, CarriesADiamondToItsEnd) {
  folder_.write_graph({{"assets", k_diamond}});
  Engine engine(folder_);
  engine.until_loaded();
  auto run = engine.launch();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->number, 1);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "success"}, {"b", "success"}, {"c", "success"}, {"d", "success"}}));
  EXPECT_EQ(engine.count(1, EventKind::materialized), 4);
  EXPECT_EQ(engine.reader().workers().size(), 0u);
}

TEST_F(RunCoordinatorTest, ARunKnowsWhatWasAskedFor) {
  folder_.write_graph({{"assets", k_diamond}, {"behavior", {{"b", "fail"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"assets", {{"a"}, {"b"}}}});
  engine.until_ended(1);
  EXPECT_EQ(json::parse(engine.reader().run(1)->selection), (json{{"a"}, {"b"}}));
  engine.launch({{"selection", "status:failed"}});
  engine.until_ended(2);
  EXPECT_EQ(json::parse(engine.reader().run(2)->selection), "status:failed");
  EXPECT_EQ(engine.statuses(2), (Statuses{{"b", "failure"}}));
}

TEST_F(RunCoordinatorTest, AFailureSkipsWhatNeedsItAndNothingElse) {
  folder_.write_graph({{"assets", k_diamond}, {"behavior", {{"b", "fail"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "success"}, {"b", "failure"}, {"c", "success"}, {"d", "skipped"}}));
  EXPECT_EQ(engine.error_of(1, engine.reader().steps(1)[1].step_key == "b" ? 1 : 2), "asked to fail");
}

struct Misdeed {
  const char* behavior;
  const char* said;
};
class MisdeedTest : public EngineTest, public ::testing::WithParamInterface<Misdeed> {};

TEST_P(MisdeedTest, CostsTheStepAndNamesTheReason) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", json::array()}}}, {"behavior", {{"a", GetParam().behavior}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "failure"}, {"b", "success"}}));
  EXPECT_NE(engine.error_of(1, 0).find(GetParam().said), std::string::npos) << engine.error_of(1, 0);
}
INSTANTIATE_TEST_SUITE_P(All, MisdeedTest,
                         ::testing::Values(Misdeed{"exit", "exited with status 3"}, Misdeed{"segfault", "SIGSEGV"},
                                           Misdeed{"kill", "SIGKILL"}, Misdeed{"torn", "SIGKILL"}),
                         [](const auto& misdeed) { return std::string(misdeed.param.behavior); });

TEST_F(RunCoordinatorTest, AStepWhoseWorkerDiedBeforeItBeganIsGivenOutAgainAsTheSameAttempt) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "lost"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.reader().steps(1)[0].attempt, 1);
}

TEST_F(RunCoordinatorTest, AStepThatNoWorkerBeginsSaysHowTheLastOneEndedAndWhatItSaid) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "lost_always"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  const auto message = engine.error_of(1, 0);
  EXPECT_NE(message.find("was killed by SIGKILL"), std::string::npos) << message;
  const auto from = message.find('"') + 1;
  std::ifstream standard_error(message.substr(from, message.rfind('"') - from));
  std::string said;
  std::getline(standard_error, said);
  EXPECT_EQ(said, "not this step") << message;
}

TEST_F(RunCoordinatorTest, AFullDiskInAWorkerCostsNoStep) {
  folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "disk_full"}}}});
  RunSettings settings;
  settings.store_retry = std::chrono::milliseconds(1);
  Engine engine(folder_, settings);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

// It is read a megabyte at a time, but for a line that is longer.
TEST_F(RunCoordinatorTest, ALongJournalIsReadToItsEnd) {
  folder_.write_graph({{"assets", {{"a", json::array()}}}, {"behavior", {{"a", "flood"}}}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::observed), 2001);
}

TEST_F(RunCoordinatorTest, SpawnedWorkersDoTheSame) {
  folder_.write_graph({{"assets", k_diamond}, {"spawn", true}});
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

TEST_F(RunCoordinatorTest, TheSameRunIdIsTheSameRun) {
  folder_.write_graph({{"assets", k_diamond}});
  Engine engine(folder_);
  engine.until_loaded();
  const json body{{"selection", "a"}, {"run_id", "01890a5d-ac96-774b-bcce-b302099a8057"}};
  EXPECT_TRUE(engine.launch(body)->is_new);
  auto again = engine.launch(body);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->number, 1);
  auto other = engine.launch({{"selection", "b"}, {"run_id", body["run_id"]}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  engine.until_ended(1);
  EXPECT_FALSE(engine.launch(body)->is_new);
}

/// A step that runs until the test lets it go.
class HangTest : public EngineTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    folder_.write_graph({{"assets", {{"a", json::array()}, {"b", {"a"}}}}, {"behavior", {{"a", "hang:" + folder_ / "fifo"}}}});
  }
  void let_go() { std::ofstream(folder_ / "fifo") << "go"; }

  /// A worker of a daemon that is gone, in the middle of step a.
  struct Left {
    int pid = 0;
    async::UniqueFd pidfd;
  };
  Left leave_a_worker_behind() {
    Engine killed(folder_);
    killed.until_loaded();
    killed.launch();
    killed.until_started(1, 0);
    std::ifstream journal(Worker::folder(killed.home(), 1, 1) / "journal");
    std::string crc, line;
    journal >> crc;
    std::getline(journal, line);
    const int pid = json::parse(line).value("pid", 0);
    auto pidfd = code_locations::open_pidfd(pid);
    EXPECT_TRUE(pidfd);
    return {pid, std::move(*pidfd)};
  }
  static void until_gone(const Left& worker) {
    async::AsioLoop loop;
    bool is_gone = false;
    auto watch = loop.on_readable(worker.pidfd.get(), [&] { is_gone = true; });
    while (!is_gone) loop.context().run_one();
  }
};

TEST_F(HangTest, ACanceledRunEndsItsStepAndStartsNoOther) {
  RunSettings settings;
  settings.cancel_grace = std::chrono::milliseconds(1);  // plain.py dies of SIGTERM anyway
  Engine engine(folder_, settings);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  engine.coordinator().cancel(1, [](Result<void> result) { EXPECT_TRUE(result); });
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::canceled);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "canceled"}, {"b", "canceled"}}));
}

TEST_F(HangTest, TwoRunsNeverWriteOneAssetAtOnce) {
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch({{"selection", "a"}});
  engine.until_started(1, 0);
  engine.launch({{"selection", "a"}});
  EXPECT_EQ(engine.coordinator().waits_for(2, 0), 1);
  EXPECT_EQ(engine.count(2, EventKind::step_started), 0);
  let_go();
  engine.until_started(2, 0);
  EXPECT_EQ(engine.reader().run(1)->steps_succeeded, 1);
  let_go();
  EXPECT_EQ(engine.until_ended(2).status, RunStatus::success);
}

TEST_F(HangTest, ADaemonThatStartsFollowsTheStepThatStillRuns) {
  {
    Engine killed(folder_);
    killed.until_loaded();
    killed.launch();
    killed.until_started(1, 0);
  }
  Engine engine(folder_);
  engine.until_loaded();
  let_go();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 1), 1);
}

TEST_F(HangTest, AStepThatEndedWhileNoDaemonRanIsNotRepeated) {
  const auto worker = leave_a_worker_behind();
  let_go();
  until_gone(worker);
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
}

TEST_F(HangTest, AStepWhoseWorkerDiedWhileNoDaemonRanHasFailed) {
  const auto worker = leave_a_worker_behind();
  ::kill(worker.pid, SIGKILL);
  until_gone(worker);
  Engine engine(folder_);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "failure"}, {"b", "skipped"}}));
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_NE(engine.error_of(1, 0).find("while the daemon was down"), std::string::npos) << engine.error_of(1, 0);
}

TEST_F(HangTest, AnAdoptedStepWhoseWorkerIsKilledFails) {
  const auto worker = leave_a_worker_behind();
  Engine engine(folder_);
  engine.until_loaded();
  EXPECT_EQ(engine.reader().steps(1)[0].status, StepStatus::running);
  ::kill(worker.pid, SIGKILL);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.statuses(1), (Statuses{{"a", "failure"}, {"b", "skipped"}}));
}

TEST_F(HangTest, ARunGoesOnlyOnWithDefinitionsThatMeanTheSame) {
  {
    Engine killed(folder_);
    killed.until_loaded();
    killed.launch();
    killed.until_started(1, 0);
  }
  folder_.write_graph({{"assets", {{"a", json::array()}, {"x", json::array()}, {"b", {"x"}}}}});  // b reads something else now
  Engine engine(folder_);
  engine.until_loaded();
  let_go();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_NE(engine.error_of(1, 1).find("has other inputs"), std::string::npos) << engine.error_of(1, 1);
}

/// Spawned workers load the code as it is when they start: here it changes while the first attempt of step a runs.
class ChangedCodeTest : public HangTest {
 protected:
  void SetUp() override {
    HangTest::SetUp();
    write({{"a", json::array()}, {"b", {"a"}}}, "hang:" + folder_ / "fifo");
  }
  void write(const json& assets, const std::string& behavior_of_a) const {
    folder_.write_graph({{"assets", assets},
                         {"behavior", {{"a", behavior_of_a}}},
                         {"fields", {{"a", {{"retry_policy", {{"max_retries", 1}}}}}}},
                         {"spawn", true}});
  }
  static void kill_worker_of_a(Engine& engine) {
    std::ifstream journal(Worker::folder(engine.home(), 1, 1) / "journal");
    std::string crc, line;
    journal >> crc;
    std::getline(journal, line);
    ::kill(json::parse(line).value("pid", 0), SIGKILL);
  }
};

TEST_F(ChangedCodeTest, ASpawnedWorkerGoesOnWhereItMeansTheSame) {
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  write({{"a", json::array()}, {"b", {"a"}}, {"new", json::array()}}, "ok");
  kill_worker_of_a(engine);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
  EXPECT_EQ(engine.count(1, EventKind::definitions_changed), 1);
}

TEST_F(ChangedCodeTest, ASpawnedWorkerGetsNoStepsWhereItDoesNot) {
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  write({{"a", json::array()}, {"x", json::array()}, {"b", {"x"}}}, "ok");
  kill_worker_of_a(engine);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_EQ(engine.count(1, EventKind::step_started, 0), 1);
  EXPECT_NE(engine.error_of(1, 0).find("asset \"b\" has other inputs"), std::string::npos) << engine.error_of(1, 0);
}

TEST_F(ChangedCodeTest, WorkersThatCannotLoadTheCodeFailTheStepInTheEnd) {
  RunSettings settings;
  settings.start_retry = std::chrono::milliseconds(1);
  Engine engine(folder_, settings);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  std::ofstream(folder_ / "GRAPH.json") << "no JSON";
  kill_worker_of_a(engine);
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::failure);
  EXPECT_NE(engine.error_of(1, 0).find("before it had loaded the code"), std::string::npos) << engine.error_of(1, 0);
}

TEST_F(HangTest, AHostThatDiesIsStartedAgainAndItsWorkersFinish) {
  Engine engine(folder_);
  engine.until_loaded();
  engine.launch();
  engine.until_started(1, 0);
  const auto before = engine.locations().snapshot()->find("plain")->loaded_at;
  ::kill(engine.locations().find("plain")->host_pid(), SIGKILL);
  engine.until([&] { return engine.locations().snapshot()->find("plain")->loaded_at > before; }, "the host's restart");
  let_go();
  EXPECT_EQ(engine.until_ended(1).status, RunStatus::success);
}

}  // namespace
}  // namespace headrace::runs
