"""What Dagster has and Headrace does not have yet. Such names fail at import and such parameters at definition:
nothing is accepted and then ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headrace.errors import DagsterInvalidDefinitionError

# Public names of Dagster for features that are still to come.
NAMES_NOT_YET = frozenset(
    """
    AddDynamicPartitionsRequest AllPartitionMapping AnchorBasedFilePathMapping AssetAttributesModel
    AssetCheckEvaluation AssetCheckExecutionContext AssetCheckKey AssetCheckResult AssetCheckSeverity AssetCheckSpec
    AssetChecksDefinition AssetJobKey AssetOrCheckKey AssetOut AssetPartitionStatus AssetRecordsFilter AssetSelection
    AssetSensorDefinition AutoMaterializeAssetPartitionsFilter AutoMaterializePolicy AutoMaterializeRule
    AutomationCondition AutomationConditionSensorDefinition AutomationContext AutomationResult BackfillPolicy
    BetaWarning BindResourcesToJobs CodeLocationSelector CodeReferencesMetadataValue Component ComponentFormConfig
    ComponentLoadContext ComponentTree ComponentTypeSpec ConfigMapping ConfigurableLegacyIOManagerAdapter
    DagsterConfigMappingFunctionError DagsterExecutionInterruptedError DagsterInstance DagsterLibraryRegistry
    DagsterRunNotFoundError DagsterRunStatus DagsterSubprocessError DagsterTypeLoader DagsterTypeLoaderContext
    DagsterUnknownPartitionError DailyPartitionsDefinition DataProvenance DataVersionsByPartition DefaultRunLauncher
    DefaultScheduleStatus DefaultSensorStatus DefinitionsComponent DefsFolderComponent DeleteDynamicPartitionsRequest
    DependencyDefinition Dict DimensionPartitionMapping DynamicOut DynamicOutput DynamicPartitionsDefinition
    EvaluateAutomationConditionsResult EventLogEntry EventLogRecord EventRecordsFilter EventRecordsResult Executor
    ExecutorRequirement ExpectationResult FileHandle FilePathMapping FreshnessPolicy FunctionComponent GraphDefinition
    GraphIn GraphOut HookContext HookDefinition HookExecutionResult HourlyPartitionsDefinition IdentityPartitionMapping
    In InitExecutorContext InitLoggerContext Injected InputMapping JobDefinition JobExecutionResult JobSelector
    JsonLogFormatter LastPartitionMapping LegacyFreshnessPolicy List LocalFileCodeReference LocalFileHandle
    LoggerDefinition MetadataEntry MigrateIOStorageResult Model MonthlyPartitionsDefinition MultiAssetSensorDefinition
    MultiAssetSensorEvaluationContext MultiDependencyDefinition MultiPartitionKey MultiPartitionMapping
    MultiPartitionsDefinition MultiToSingleDimensionPartitionMapping NodeInvocation ObserveResult OpDefinition Optional
    Out OutputMapping PaginatedResults Partition PartitionKeyRange PartitionMapping PartitionedConfig
    PartitionsDefinition PipesBlobStoreMessageReader PipesClient PipesClientCompletedInvocation
    PipesCompositeMessageReader PipesContextInjector PipesEnvContextInjector PipesExecutionResult
    PipesFileContextInjector PipesFileMessageReader PipesLaunchedData PipesLogReader PipesMessageHandler
    PipesMessageReader PipesSession PipesSubprocessClient PipesTempFileContextInjector PipesTempFileMessageReader
    PreviewWarning PythonScriptComponent QueuedRunCoordinator ReexecutionOptions RepositoryData RepositoryDefinition
    RepositorySelector ResolutionContext Resolvable Resolver RunFailureSensorContext RunRecord RunRequest
    RunShardedEventsCursor RunStatusChangeRecordsFilter RunStatusSensorContext RunStatusSensorDefinition RunsFilter
    ScaffoldRequest Scaffolder ScheduleDefinition ScheduleEvaluationContext SensorDefinition SensorEvaluationContext
    SensorResult Set SkipReason SpecificPartitionsPartitionMapping SqlComponent StateBackedComponent
    StaticPartitionMapping StaticPartitionsDefinition StepExecutionContext StepLauncher StepRunRef SubmitRunContext
    SupersessionWarning TemplatedSqlComponent TimeWindow TimeWindowPartitionMapping TimeWindowPartitionsDefinition
    Tuple TypeCheckContext UPathDefsStateStorage UrlCodeReference UvRunComponent WeeklyPartitionsDefinition
    apply_freshness_policy asset_check asset_sensor build_asset_check_context build_column_schema_change_checks
    build_component_defs build_defs_for_component build_hook_context build_init_logger_context
    build_last_update_freshness_checks build_metadata_bounds_checks build_multi_asset_sensor_context build_op_context
    build_reconstructable_job build_run_status_sensor_context build_schedule_context
    build_schedule_from_partitioned_job build_sensor_context build_sensor_for_freshness_checks
    build_time_partition_freshness_checks check_dagster_type colored_console_logger component_defs component_instance
    components config_from_files config_from_pkg_resources config_from_yaml_strings config_mapping
    custom_path_fs_io_manager daily_partitioned_config dagster_type_loader default_loggers define_asset_job definitions
    deserialize_value dynamic_partitioned_config evaluate_automation_conditions execute_job executor
    external_instance_from_step_run_ref failure_hook get_all_components_defs_within_project
    get_component_defs_within_project graph graph_asset graph_multi_asset hourly_partitioned_config instance_for_test
    job json_console_logger link_code_references_to_git load_asset_checks_from_current_module
    load_asset_checks_from_modules load_asset_checks_from_package_module load_asset_checks_from_package_name
    load_definitions_from_current_module load_definitions_from_module load_definitions_from_modules
    load_definitions_from_package_module load_definitions_from_package_name load_defs load_from_defs_folder
    local_file_manager logger make_email_on_run_failure_sensor make_python_type_usable_as_dagster_type
    migrate_io_storage monthly_partitioned_config multi_asset multi_asset_check multi_asset_sensor
    multi_observable_source_asset multiple_process_executor_requirements observable_source_asset op open_pipes_session
    partition_loading_context partitioned_config raise_execution_interrupts reconstructable repository
    run_failure_sensor run_status_sensor run_step_from_ref scaffold_component scaffold_with schedule sensor
    serialize_value static_partitioned_config step_context_to_step_run_ref step_run_ref_to_step_context success_hook
    template_var usable_as_dagster_type validate_run_config weekly_partitioned_config with_source_code_references
    """.split()
)


def missing_name(name: str) -> ImportError:
    """The error for importing a name of Dagster that does not exist here yet."""
    return ImportError(
        f"headrace has no `{name}` yet. Remove what uses it, or run this code location with Dagster for now.",
        name=name,
    )


def refuse_parameters(where: str, given: Mapping[str, Any]) -> None:
    """Refuse parameters of features that do not exist yet; None (or an empty value) means not given."""
    for name, value in given.items():
        if value is None or value is False or (isinstance(value, (list, tuple, dict, set)) and not value):
            continue
        raise DagsterInvalidDefinitionError(
            f"{where}: headrace has no `{name}` yet. Remove the parameter; it is refused rather than ignored."
        )
