//! Which systems are connected, and what is read from each.

use crate::manage::people::groups::{CUSTOMERS, ENGINEERING, PRODUCT, SECURITY};

/// What a resource is; it decides which properties there are besides the common ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Account,
    AwsAccount,
    /// Something in a cloud account and a region, with its response type.
    Cloud(&'static str),
    ContainerRepository,
    Database,
    Device,
    PaaS,
    Queue,
    StorageBucket,
    /// A part of an organization, named by an account.
    Subunit,
    /// Nothing besides the common properties; the response type.
    Plain(&'static str),
}

impl Form {
    pub(super) fn response_type(self) -> &'static str {
        match self {
            Self::Account | Self::AwsAccount => "Account",
            Self::Cloud(name) | Self::Plain(name) => name,
            Self::ContainerRepository => "ContainerRepository",
            Self::Database => "Database",
            Self::Device => "Device",
            Self::PaaS => "PaaS",
            Self::Queue => "Queue",
            Self::StorageBucket => "StorageBucket",
            Self::Subunit => "Resource",
        }
    }
}

/// Where the resources of a kind come from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// One account for each member of these groups, of everyone where there are none, and two for services.
    Members(&'static [&'static str]),
    /// What fails tests of this subject, and so many more.
    Tested(&'static str, usize),
    /// Vulnerable assets of this type, with their ids.
    Assets(&'static str),
    /// One for each service and environment, with this ending.
    Services(&'static str),
    Named(&'static [&'static str]),
    Policies,
}

pub(super) type Kind = (&'static str, Form, Source);

/// Id, name, the error of each connection (none where it works), and kinds of resources.
pub(super) type System = (&'static str, &'static str, &'static [Option<&'static str>], &'static [Kind]);

const WORKING: &[Option<&str>] = &[None];
const EVERYONE: Source = Source::Members(&[]);
const ENGINEERS: Source = Source::Members(&[ENGINEERING, SECURITY]);

pub(super) const CONNECTED: &[System] = &[
    (
        "aws",
        "AWS",
        &[None, None],
        &[
            ("AwsUser", Form::AwsAccount, ENGINEERS),
            ("S3Bucket", Form::StorageBucket, Source::Tested("aws-s3-buckets", 22)),
            ("RdsInstance", Form::Database, Source::Tested("aws-rds-instances", 6)),
            ("DynamoDbTable", Form::Database, Source::Tested("aws-dynamodb-tables", 12)),
            ("EbsVolume", Form::Cloud("Resource"), Source::Tested("aws-ebs-volumes", 18)),
            ("OpenSearchDomain", Form::Database, Source::Tested("aws-opensearch-domains", 3)),
            ("Ec2Instance", Form::Cloud("ComputeInstance"), Source::Assets("SERVER")),
            ("LambdaFunction", Form::Cloud("ServerlessFunction"), Source::Assets("SERVERLESS_FUNCTION")),
            ("AutoScalingGroup", Form::Cloud("AutoScalingGroup"), Source::Services("asg")),
            ("LoadBalancer", Form::Cloud("LoadBalancer"), Source::Services("lb")),
            ("SqsQueue", Form::Queue, Source::Services("events")),
            ("EcrRepository", Form::ContainerRepository, Source::Assets("CONTAINER_REPOSITORY")),
            ("EksCluster", Form::Cloud("KubernetesCluster"), Source::Named(&["prod-main", "staging-main"])),
            (
                "AwsOrganizationalUnit",
                Form::Subunit,
                Source::Named(&["prod-workloads", "staging-workloads", "prod-security"]),
            ),
        ],
    ),
    (
        "gcp",
        "Google Cloud",
        &[None, None],
        &[
            ("GcpUser", Form::Account, ENGINEERS),
            ("GcpStorageBucket", Form::StorageBucket, Source::Tested("gcp-storage-buckets", 14)),
            ("CloudSqlInstance", Form::Database, Source::Tested("gcp-sql-instances", 3)),
            ("BigQueryDataset", Form::Database, Source::Tested("gcp-bigquery-datasets", 11)),
            ("AppEngineService", Form::PaaS, Source::Services("report")),
        ],
    ),
    (
        "github",
        "GitHub",
        WORKING,
        &[
            ("GithubAccount", Form::Account, ENGINEERS),
            ("GithubRepository", Form::Plain("GitRepository"), Source::Assets("CODE_REPOSITORY")),
        ],
    ),
    ("okta", "Okta", WORKING, &[("OktaAccount", Form::Account, EVERYONE)]),
    ("gsuiteadmin", "Google Workspace", WORKING, &[("GoogleWorkspaceAccount", Form::Account, EVERYONE)]),
    ("slack", "Slack", WORKING, &[("SlackAccount", Form::Account, EVERYONE)]),
    (
        "jira",
        "Jira",
        WORKING,
        &[("JiraAccount", Form::Account, Source::Members(&[ENGINEERING, SECURITY, PRODUCT]))],
    ),
    ("datadog", "Datadog", WORKING, &[("DatadogAccount", Form::Account, ENGINEERS)]),
    (
        "cloudflare",
        "Cloudflare",
        WORKING,
        &[("CloudflareAccount", Form::Account, Source::Members(&[SECURITY]))],
    ),
    ("snowflake", "Snowflake", WORKING, &[("SnowflakeAccount", Form::Account, ENGINEERS)]),
    ("pagerduty", "PagerDuty", WORKING, &[("PagerDutyAccount", Form::Account, ENGINEERS)]),
    (
        "salesforce",
        "Salesforce",
        WORKING,
        &[("SalesforceAccount", Form::Account, Source::Members(&[CUSTOMERS]))],
    ),
    (
        "zendesk",
        "Zendesk",
        &[Some("The token was revoked by an administrator of Zendesk")],
        &[("ZendeskAccount", Form::Account, Source::Members(&[CUSTOMERS]))],
    ),
    ("rippling", "Rippling", WORKING, &[("RipplingAccount", Form::Account, EVERYONE)]),
    ("onepassword", "1Password", WORKING, &[("OnePasswordAccount", Form::Account, EVERYONE)]),
    (
        "kandji",
        "Kandji",
        WORKING,
        &[
            ("KandjiAccount", Form::Account, Source::Members(&[SECURITY])),
            ("KandjiComputer", Form::Device, Source::Tested("kandji", 64)),
        ],
    ),
    (
        "snyk",
        "Snyk",
        WORKING,
        &[
            ("SnykAccount", Form::Account, ENGINEERS),
            ("SnykRepository", Form::Plain("GitRepository"), Source::Assets("CODE_REPOSITORY")),
            ("SnykManifest", Form::Plain("Resource"), Source::Assets("MANIFEST_FILE")),
        ],
    ),
    ("notion", "Notion", WORKING, &[("NotionAccount", Form::Account, EVERYONE)]),
    (
        "figma",
        "Figma",
        &[None, Some("The account that connected Figma was removed")],
        &[("FigmaAccount", Form::Account, Source::Members(&[PRODUCT]))],
    ),
    (
        "mongodbatlas",
        "MongoDB Atlas",
        WORKING,
        &[
            ("AtlasAccount", Form::Account, ENGINEERS),
            ("AtlasCluster", Form::Database, Source::Tested("atlas-clusters", 6)),
        ],
    ),
    (
        "inspector",
        "AWS Inspector",
        WORKING,
        &[
            ("InspectorInstance", Form::Cloud("ComputeInstance"), Source::Assets("SERVER")),
            ("InspectorFunction", Form::Cloud("ServerlessFunction"), Source::Assets("SERVERLESS_FUNCTION")),
        ],
    ),
    (
        "dependabot",
        "GitHub Dependabot",
        WORKING,
        &[("DependabotRepository", Form::Plain("GitRepository"), Source::Assets("CODE_REPOSITORY"))],
    ),
    (
        "trivy",
        "Trivy",
        WORKING,
        &[
            ("TrivyRepository", Form::ContainerRepository, Source::Assets("CONTAINER_REPOSITORY")),
            ("TrivyImage", Form::Plain("Resource"), Source::Assets("CONTAINER_REPOSITORY_IMAGE")),
        ],
    ),
    ("intune", "Intune", WORKING, &[("IntuneComputer", Form::Device, Source::Tested("intune", 12))]),
    (
        "jamf",
        "Jamf Pro",
        WORKING,
        &[(
            "JamfComputer",
            Form::Device,
            Source::Named(&[
                "QH-DS-0101",
                "QH-DS-0102",
                "QH-DS-0103",
                "QH-DS-0104",
                "QH-DS-0105",
                "QH-DS-0106",
                "QH-DS-0107",
                "QH-DS-0108",
                "QH-DS-0109",
                "QH-DS-0110",
            ]),
        )],
    ),
    ("vanta", "Vanta", WORKING, &[("VantaPolicy", Form::Plain("Resource"), Source::Policies)]),
];
